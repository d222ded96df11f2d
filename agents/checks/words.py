"""What checks say when they do not hold, in English and Chinese. Pure."""

from __future__ import annotations

from .result import Spoken

SAYS: dict[str, dict[Spoken, str]] = {
    "required": {
        "en": "The text must contain “{0}” and does not.",
        "zh-Hans": "文本必须包含“{0}”，但没有。",
    },
    "forbidden": {
        "en": "The text must not contain “{0}” and does.",
        "zh-Hans": "文本不得包含“{0}”，但包含了。",
    },
    "too_short": {
        "en": "The text has {0} {2}; at least {1} are needed.",
        "zh-Hans": "文本有 {0} {2}，至少需要 {1}。",
    },
    "too_long": {
        "en": "The text has {0} {2}; at most {1} are allowed.",
        "zh-Hans": "文本有 {0} {2}，最多允许 {1}。",
    },
    "words": {"en": "words", "zh-Hans": "个词"},
    "characters": {"en": "characters", "zh-Hans": "个字符"},
    "other_language": {
        "en": "The text must be in {0} and is not.",
        "zh-Hans": "文本必须使用{0}，但不是。",
    },
    "en": {"en": "English", "zh-Hans": "英文"},
    "zh-Hans": {"en": "Simplified Chinese", "zh-Hans": "简体中文"},
    "no_words": {
        "en": "There are too few words to tell the language.",
        "zh-Hans": "文字太少，无法判断语言。",
    },
    "leak": {
        "en": "The text holds what looks like {0} (line {1}).",
        "zh-Hans": "文本中有疑似{0}的内容（第 {1} 行）。",
    },
    "password": {"en": "a password", "zh-Hans": "密码"},
    "api_key": {"en": "an API key", "zh-Hans": "API 密钥"},
    "bearer_token": {"en": "a bearer token", "zh-Hans": "Bearer 令牌"},
    "private_key": {"en": "a private key", "zh-Hans": "私钥"},
    "secret": {"en": "a secret", "zh-Hans": "机密值"},
    "email": {"en": "an e-mail address", "zh-Hans": "电子邮件地址"},
    "ip_address": {"en": "an IP address", "zh-Hans": "IP 地址"},
    "placeholder": {
        "en": "A placeholder was left in line {1}: {0}",
        "zh-Hans": "第 {1} 行留有占位符：{0}",
    },
    "empty": {
        "en": "The text is empty, or nothing but headings.",
        "zh-Hans": "文本为空，或者只有标题。",
    },
    "echo": {
        "en": "The text only repeats the request.",
        "zh-Hans": "文本只是重复了需求。",
    },
    "claims": {
        "en": "The text says that the work is done and does not show it.",
        "zh-Hans": "文本声称工作已完成，但没有给出成果。",
    },
    "no_match": {
        "en": "The text must match /{0}/ and does not.",
        "zh-Hans": "文本必须匹配 /{0}/，但不匹配。",
    },
    "match": {
        "en": "The text must not match /{0}/ and does.",
        "zh-Hans": "文本不得匹配 /{0}/，但匹配了。",
    },
    "pattern_slow": {
        "en": "The pattern /{0}/ could not be decided within {1} s.",
        "zh-Hans": "无法在 {1} 秒内判定模式 /{0}/。",
    },
    "no_json": {
        "en": "The text is no JSON and has no block of JSON.",
        "zh-Hans": "文本不是 JSON，也没有 JSON 代码块。",
    },
    "no_path": {
        "en": "The JSON has no {0}.",
        "zh-Hans": "JSON 中没有 {0}。",
    },
    "schema": {
        "en": "The JSON does not fit its schema at {0}: {1}",
        "zh-Hans": "JSON 在 {0} 处不符合模式：{1}",
    },
    "schema_unclear": {
        "en": "The schema could not be decided: {0}",
        "zh-Hans": "无法判定该模式：{0}",
    },
    "no_blocks": {
        "en": "The text has no block of Python.",
        "zh-Hans": "文本没有 Python 代码块。",
    },
    "no_parse": {
        "en": "Python block {0} does not parse: {1}",
        "zh-Hans": "第 {0} 个 Python 代码块无法解析：{1}",
    },
    "no_run": {
        "en": "Python block {0} does not run: {1}",
        "zh-Hans": "第 {0} 个 Python 代码块无法运行：{1}",
    },
    "run_slow": {
        "en": "Python block {0} did not end within {1} s.",
        "zh-Hans": "第 {0} 个 Python 代码块未能在 {1} 秒内结束。",
    },
    "run_loud": {
        "en": "Python block {0} printed more than {1} bytes.",
        "zh-Hans": "第 {0} 个 Python 代码块输出超过 {1} 字节。",
    },
    "run_needs": {
        "en": "Python block {0} needs the module {1}, which is not here.",
        "zh-Hans": "第 {0} 个 Python 代码块需要模块 {1}，此处没有。",
    },
    "run_never": {
        "en": "Code cannot be run safely here: {0}",
        "zh-Hans": "此处无法安全地运行代码：{0}",
    },
    "many_blocks": {
        "en": "There are {0} Python blocks; at most {1} are run.",
        "zh-Hans": "有 {0} 个 Python 代码块，最多运行 {1} 个。",
    },
    "own_judge": {
        "en": "Nobody judges their own work: {0} wrote this.",
        "zh-Hans": "不得评审自己的成果：这是 {0} 写的。",
    },
    "no_judge": {
        "en": "Nobody is there to judge this: {0}",
        "zh-Hans": "没有评审者来判定：{0}",
    },
    "no_verdict": {
        "en": "The reviewer could not decide.",
        "zh-Hans": "评审者无法判定。",
    },
    "no_reason": {
        "en": "The reviewer refused it without a reason.",
        "zh-Hans": "评审者未说明理由而拒绝。",
    },
}


def say(key: str, spoken: Spoken, *given: object) -> str:
    """The sentence, with `given` in its places. Never a format: what is given may hold braces."""
    text = SAYS[key][spoken]
    pieces = text.split("{")
    return pieces[0] + "".join(str(given[int(piece[0])]) + piece[2:] for piece in pieces[1:])
