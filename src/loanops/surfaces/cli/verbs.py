"""The table of verbs: where each lives and what it says of itself in two languages.

`loanops --help` reads only this table, so it loads neither Django nor any verb.
"""

from typing import Final, NamedTuple


class Verb(NamedTuple):
    """One verb of the command line.

    `target` is `module:attribute` of a click command; `en` and `zh` are its line in the help.
    """

    target: str
    en: str
    zh: str


_HERE = "loanops.surfaces.cli"

VERBS: Final[dict[str, Verb]] = {
    "demo": Verb(
        f"{_HERE}.demo.command:demo",
        "Build the demo operation and serve it on 127.0.0.1:8000.",
        "搭建演示业务并在 127.0.0.1:8000 提供服务。",
    ),
    "quote": Verb(
        f"{_HERE}.quote:command",
        "Price a loan: schedule, totals and all-in cost from terms as JSON.",
        "试算：从 JSON 条款得出还款计划、合计与综合成本。",
    ),
    "oracles": Verb(
        f"{_HERE}.oracles:command",
        "Run published figures against the kernel.",
        "用公开发表的数字核对贷款算术。",
    ),
    "sandbox": Verb(
        f"{_HERE}.sandbox:command",
        "Keep the practice banks running in a process of their own.",
        "以独立进程运行供练习的沙箱银行。",
    ),
    "book": Verb(
        f"{_HERE}.book:book",
        "Open a book with its partners and products from a file; list the books.",
        "从文件开立账套（含合作方与产品），列出账套。",
    ),
    "intake": Verb(
        f"{_HERE}.intake.command:intake",
        "Take a CSV or XLSX file of applications in; --run carries them on to loans.",
        "进件：按映射读入 CSV/XLSX 申请；--run 一直办到放款。",
    ),
    "import-book": Verb(
        f"{_HERE}.migration.command:import_book",
        "Bring the running loans of another system in, with their balances at a cut-off date.",
        "迁入：把其他系统的存量贷款按基准日余额迁入账套。",
    ),
    "day": Verb(
        f"{_HERE}.day:day",
        "Close the business day of a book.",
        "账套日终。",
    ),
    "debits": Verb(
        f"{_HERE}.debits:debits",
        "Order later debit windows; take answers and returned debits of banks from files.",
        "生成后续场次扣款；从文件接收银行回盘与退票。",
    ),
    "serve": Verb(
        f"{_HERE}.serve:serve",
        "Serve console and API, with job threads beside them.",
        "启动控制台与接口服务，并运行后台任务线程。",
    ),
    "worker": Verb(
        f"{_HERE}.worker:worker",
        "Run jobs and deliver events; any number may run at once.",
        "运行后台任务与事件投递，可同时启动任意多个。",
    ),
    "backup": Verb(
        f"{_HERE}.backup:backup",
        "Write one archive of database, files and anchors while running.",
        "运行中备份：数据库、文件与锚点合成一个归档。",
    ),
    "restore": Verb(
        f"{_HERE}.backup:restore",
        "Put an archive back and verify it.",
        "恢复归档并核对。",
    ),
    "upgrade": Verb(
        f"{_HERE}.backup:upgrade",
        "Back up, migrate, verify.",
        "升级：先备份，再迁移，后核对。",
    ),
    "verify": Verb(
        f"{_HERE}.verify:verify",
        "Check every invariant over the live database; name each violation.",
        "核对全部不变式，逐条指出违反之处。",
    ),
    "admin": Verb(
        f"{_HERE}.admin:admin",
        "Add an administrator, who lets everybody else in.",
        "添加系统管理员，由其为他人开通登录。",
    ),
    "keys": Verb(
        f"{_HERE}.keys:keys",
        "Show, rotate and complete the keys that seal personal fields.",
        "查看、轮换个人信息密钥，并把旧密文改用新密钥。",
    ),
    "config": Verb(
        f"{_HERE}.config:config",
        "Print the settings in force, secrets masked.",
        "列出当前配置（密钥已遮盖）。",
    ),
    "check": Verb(
        f"{_HERE}.check:check",
        "Check format, lint, types, import contracts, templates, catalogue and locks.",
        "检查格式、规范、类型、依赖方向、模板、译文与锁定文件。",
    ),
    "test": Verb(f"{_HERE}.test:test", "Run the whole test suite.", "运行全部测试。"),
    "new": Verb(
        f"{_HERE}.new:new",
        "Write the skeleton of a room, an operation or a page.",
        "生成房间、操作或页面的骨架与待写的测试。",
    ),
    "bench": Verb(
        f"{_HERE}.bench:bench",
        "Measure the headline figures against their peers.",
        "测量主要性能指标并与参照对比。",
    ),
    "soak": Verb(
        f"{_HERE}.soak:soak",
        "Run long seeded runs under faults, kills and false callbacks.",
        "长时间按种子运行：故障、杀进程与错乱回调。",
    ),
    "django": Verb(
        f"{_HERE}.django:django",
        "Pass a command through to Django (migrate, makemigrations, shell).",
        "转交 Django 管理命令（migrate、makemigrations、shell）。",
    ),
}
