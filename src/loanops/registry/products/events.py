"""What products record."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "products.published": Sentence(
        "Product {product} version {version} was published, in force from {effective_from}"
    ),
    "products.withdrawn": Sentence(
        "Product {product} is not offered any more from {effective_to} on"
    ),
}
