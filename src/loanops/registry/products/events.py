"""What products record."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "products.published": Sentence(
        "Product {product} version {version} was published, in force from {effective_from}"
    ),
    "products.withdrawn": Sentence(
        "Product {product} is not offered any more from {effective_to} on"
    ),
    "products.promotion_launched": Sentence(
        "Promotion {promotion} was launched, to be used from {effective_from}"
    ),
    "products.promotion_ended": Sentence(
        "Promotion {promotion} is over on {effective_to}: {reason}"
    ),
    "products.promotion_taken": Sentence(
        "Promotion {promotion} was used for application {application}"
    ),
    "products.promotions_released": Sentence("{count} uses of promotions were given back"),
}
