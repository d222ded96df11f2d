"""The terms that triage looks for, in English and in Chinese. Pure: patterns and nothing else.

English terms match as whole words, with the inflections that keep their meaning ("fix", "fixes", not "prefix").
Chinese has no spaces; a term is whole when it is not an accident of its neighbours: 其实|现在 is not 实现,
以上|线程 is not 上线. Those neighbours are written as look-arounds beside the term.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .contracts import Intent

# A name with a dot is a file's: "errors.py" is not an error, "report.doc" no documentation.
_EDGE_LEFT = r"(?<![A-Za-z0-9_])(?<!\w\.)"
_EDGE_RIGHT = r"(?![A-Za-z0-9_])(?!\.[A-Za-z])"


def any_of(english: Iterable[str], chinese: Iterable[str] = ()) -> re.Pattern[str]:
    """One pattern that finds any of the terms; the English ones only as whole words."""
    words = _EDGE_LEFT + "(?:" + "|".join(english) + ")" + _EDGE_RIGHT
    return re.compile("|".join((words, *chinese)), re.IGNORECASE)


# The first intent whose pattern is found wins, so the order is a rule too.
INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (
        "debug",
        any_of(
            (
                r"bugs?(?![- ](?:tracker|tracking|bounty|report(?:s|ing)? (?:form|template)))",
                r"(?:bug|hot)fix(?:es)?",
                r"debug(?:s|ged|ging)?",
                # Handling errors is a thing to build; an error is a thing to mend.
                r"errors?(?![- ](?:handling|handlers?|pages?|codes?|budgets?|messages? (?:for|to)))",
                r"fix(?:es|ing)?",
                r"(?:be|been|get|got) fixed",
            ),
            (r"报错", r"修复(?![杂习查盘印])"),
        ),
    ),
    (
        "ops",
        any_of(
            (
                r"(?:re)?deploy(?:s|ed|ing|ments?)?",
                r"docker(?:file)?",
                r"docker-compose(?:\.ya?ml)?",
                r"k8s",
                r"(?:dev)?ops",
            ),
            (r"(?<!以)上线(?!程|性|段|索|条)", r"部署(?!名)"),
        ),
    ),
    (
        "documentation",
        any_of(
            (
                r"docs?",
                r"docstrings?",
                r"readme(?:\.\w+)?",
                r"documentation",
                r"documenting",
                # "Document the API" asks for documentation; a "document parser" is a thing to build.
                r"document (?:the|our|my|its|their|this|these|all|each|every|how|why|what|when|which)",
                r"(?:write|draft|prepare|update)(?: [a-z-]+){0,3} documents?",
            ),
            (r"文档(?!数据库|型数据库|解析|识别)", r"(?<![小听])说明(?![天年日显白])"),
        ),
    ),
    (
        "build_feature",
        any_of(
            (
                # "The build fails" speaks of a noun.
                r"(?<!the )(?<!our )(?<!a )build(?![- ](?:fail(?:s|ed|ures?)?|times?|logs?|server|number|is|was))",
                r"building(?! block)",
                r"implement(?:s|ing|ation)?",
                r"creat(?:e|es|ing)",
            ),
            (r"新增", r"(?<![其事真现])实现(?![在状场])", r"搭建"),
        ),
    ),
)

COMPLEX: tuple[re.Pattern[str], ...] = (
    any_of((r"architectur(?:e|es|al)",), (r"架构",)),
    any_of((r"refactor(?:s|ed|ing|ings)?",), (r"(?<!严)重构",)),
    any_of((r"migrat(?:e|es|ed|ing|ions?)",), (r"迁移",)),
    any_of((r"databases?",), (r"数据库",)),
    any_of((r"security",), (r"(?<!保)安全(?!带|帽)",)),
    any_of((r"performance",), (r"(?<!可能)性能(?!够)",)),
    any_of((r"langgraph",)),
    any_of((r"redis",)),
    any_of((r"postgres(?:ql)?",)),
    any_of((r"docker",)),
    any_of((r"kubernetes", r"k8s")),
)
"""Two different ones make a request complex; the two spellings of one thing are one."""

TRIVIAL = any_of(
    (
        r"typos?",
        # To format is trivial; "in JSON format" and "a file format" say nothing about the work.
        r"(?<![ -])(?:re)?format",
        r"(?:please|to|and|then|just|or) (?:re)?format",
        r"(?:re)?formatting",
        r"translat(?:e|es|ing|ions?)",
        r"renam(?:e|es|ing)",
        r"small",
        r"quick",
    ),
    (r"改个字", r"翻译", r"润色", r"一句话"),
)

MARKS = re.compile(r"\b(?:TODO|FIXME|XXX|CHANGEME|TBD|lorem ipsum|placeholders?)\b|占位|待补充|待定", re.IGNORECASE)
"""Notes to fill something in later. Who speaks of them may get a text that does."""

_WHY = r"(?! (?:why|what causes|where|if this is))"
UNSURE = any_of(
    (
        # The requester's own doubt about the outcome. Somebody else's ("users who are not sure") is part of
        # the work, and so is a cause nobody knows yet ("I'm not sure why it fails").
        r"(?:i|we)(?:'m|’m|'re|’re| am| are)?(?: \w+)? (?:not sure|unclear|undecided)" + _WHY,
        r"(?:it|this|that)(?:'s|’s| is)(?: \w+)? (?:unclear|not clear) to (?:me|us)",
        r"whatever (?:you|works|is fine|comes to mind)",
    ),
    (
        r"(?:^|[，。、；！？,.;!?\s]|我|我们|还|也|都|真|暂时)不知道(?!为什么|为何|怎么回事|原因|哪里|哪儿)",
        r"(?<!不)(?<!别)(?<!不要)(?<!不能)(?<!不可)(?<!不得)(?<!不可以)随便",
        r"你看着办",
    ),
)
_OPENS_UNSURE = re.compile(
    r"^\W*(?:not sure\b" + _WHY + r"|dunno\b|whatever\s*[,.!…;-]|(?:whatever|unclear)\W*$)", re.IGNORECASE
)
_ENDS_UNSURE = re.compile(r"\b(?:whatever|not sure)\W*$", re.IGNORECASE)

_ASK = (
    r"\W*(?:please |can you |could you )?"
    r"(?:(?:run|do|perform|make|take|start|show|give|send|create|generate|print)(?: me| us)?(?: an?| the)? )?"
)
_OF = (
    r"(?: (?:of|for|on|from)(?: (?:this|the|our|all|last|past|whole|\d+|seven|thirty))* (?:systems?|nexus|installation|"
    r"machine|database|data|everything|logs?|projects?|orders?|today|yesterday|days?|weeks?|months?))?"
    r"(?:,? (?:now|today|again|please))*\W*"
)
_PLEASE_ZH = r"\W*(?:请|帮我)*(?:做|执行|运行|生成|给我|查看)*(?:一次|一下|一份)?(?:今天的|本周的|本月的|系统)?"
_END_ZH = r"(?:一次|一下|吧|。|！)*\W*"


def _order(english: str, chinese: str) -> re.Pattern[str]:
    """The whole request is the order: what goes on speaks of something else, as "health check endpoint" does."""
    return re.compile(rf"{_ASK}(?:{english}){_OF}|{_PLEASE_ZH}(?:{chinese}){_END_ZH}", re.IGNORECASE)


EQUIPMENT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("health_check", _order(r"(?:system )?health[- ]?check|check (?:the )?(?:system )?health", "健康检查|体检")),
    ("log_rotate", _order(r"rotate (?:the |all )*logs?|log[- ]?rotat(?:e|ion)", "日志轮转|轮转日志")),
    (
        "backup",
        _order(
            r"(?:database )?backup"
            r"|back up(?: (?:the |our |this )?(?:database|data|system|nexus|installation|everything))?",
            "备份(?:数据库|数据|系统)?|数据库备份",
        ),
    ),
    ("cost_report", _order(r"(?:costs?|spending) report", "(?:成本|费用)报告")),
)
"""Machine work by request. Only an order to do it counts: "memory leak" and "token usage" are about something else."""


def sounds_unsure(text: str) -> bool:
    """Whether the requester says that they do not know what they want."""
    return bool(UNSURE.search(text) or _OPENS_UNSURE.search(text) or _ENDS_UNSURE.search(text))
