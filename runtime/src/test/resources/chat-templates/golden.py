"""Writes golden.json and expressions.json: what Hugging Face transformers makes of the templates here.

python3 golden.py (transformers 5.17, Jinja2 3.1)
"""

import copy
import datetime
import json
import pathlib
import warnings

import jinja2
from transformers.utils import chat_template_utils

import expressions

HERE = pathlib.Path(__file__).parent
TOKENS = {
    "qwen2.5": {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    "qwen3": {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    "llama-3.1": {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
    "mistral-v0.3": {"bos_token": "<s>", "eos_token": "</s>"},
    "deepseek-r1-distill-qwen": {"bos_token": "<｜begin▁of▁sentence｜>", "eos_token": "<｜end▁of▁sentence｜>"},
}
HARD = (
    "  {{ 7 * 7 }} {% if x %} {# no #} {{- '}}' -}} \"double\" 'single' \\n \\ \n\n"
    "\tÜñí ✓ 漢字 🙂 \u00a0\u3000<b>&amp;</b> ${x} #{y} %} }} \n "
)


def message(role, content):
    return {"role": role, "content": content}


CONVERSATIONS = {
    "user": [message("user", "Hello!")],
    "system and user": [message("system", "Be brief."), message("user", "Hello!")],
    "turns": [
        message("system", "Be brief."),
        message("user", "One?"),
        message("assistant", "1"),
        message("user", "Two?"),
    ],
    "thought": [
        message("user", "One?"),
        message("assistant", "<think>\n\nIt is\none.\n</think>\n\nOne\n"),
        message("user", "Two?"),
    ],
    "last thought": [message("user", "One?"), message("assistant", "<think>\nHm.\n</think>\n\n1")],
    "hard text": [message("system", HARD), message("user", HARD), message("assistant", HARD), message("user", HARD)],
    "only system": [message("system", "Be brief.")],
    "not alternating": [message("user", "One?"), message("user", "Two?")],
    "unknown role": [message("user", "One?"), message("critic", "No.")],
}

# Whitespace control and expressions, each apart.
SNIPPETS = [
    "a\n{% if true %}\nb\n{% endif %}\nc\n",
    "a {% if true %} b {% endif %} c\n\n",
    "  {% if true %}  \n  b\n  {% endif %}\nc",
    "x\n  {%+ if true %}b{% endif +%}\n  c",
    "x \n {%- if true -%} \n b \n {%- endif -%} \n c",
    "a  {# note #}  b\n   {# note #}\nc {#- note -#} d",
    "{{ 'a' }}   {% if true %}b{% endif %}",
    "{{ 'a' }}\n   {{ 'b' }}\n{{- 'c' -}}\n d",
    "{{- 'x' }} {{'}}'}} {{ '%}' }} {{ '{%' }} {{ {'k': {'l': 1}}['k']['l'] }}",
    "{ {%- if true %}{{ 'x' }}{% endif -%} } {{'{'}}{{'{'}}",
    "{% raw %} {{ a }} {% b %} {# c #}\n  {% endraw %}\nd",
    "\r\na\r\n{% if true %}\r\nb\r\n{% endif %}\r\n",
    "{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [1, 2, 3, 4] if i % 2 == 0 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}",
    "{% for m in messages if m.role == 'assistant' %}{{ m.content }}{% else %}none{% endfor %}",
    "{% for i in ['a', 'b'] %}{% if loop.previtem is defined %}{{ loop.previtem }}{% endif %}<{{ i }}>{% if loop.nextitem is defined %}{{ loop.nextitem }}{% endif %}{% endfor %}",
    "{% for i in [1, 2] %}{% if i == 1 %}{% set x = 'set' %}{% endif %}{{ x if x is defined else 'gone' }} {% endfor %}{{ x if x is defined else 'gone' }}",
    "{% set ns = namespace(n=0, s='') %}{% for i in [1, 2, 3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s + 'x' %}{% endfor %}{{ ns.n }}{{ ns.s }}",
    "{% for i in [1, 2, 3, 4, 5][::-1] %}{{ i }}{% endfor %} {% for i in [1, 2, 3, 4, 5][1:-1] %}{{ i }}{% endfor %}",
    "{{ 'abcdef'[1:] }} {{ 'abcdef'[:-2] }} {{ 'abcdef'[-3:-1] }} {{ 'abcdef'[::2] }} {{ 'abcdef'[4:1:-1] }} {{ 'abcdef'[-1] }} {{ 'abc'[5:] }}.",
    "{{ messages[-1].content }} {{ messages[-1]['role'][0] }} {{ messages[1:] | length }}",
    "{{ ' a b  c '.split() | join('|') }} {{ 'a,b,,c'.split(',') | join('|') }} {{ 'a,b,c'.split(',', 1)[1] }} {{ 'a.b'.split('.')[0] }}",
    "{{ 'xxaxx'.strip('x') }} {{ ' a '.strip() }}| {{ 'xyaxy'.lstrip('xy') }} {{ 'a\\n\\n'.rstrip('\\n') }}| {{ ' \u00a0a\u3000 ' | trim }}|",
    "{{ 'a-b-c'.replace('-', '+') }} {{ 'a-b-c'.replace('-', '', 1) }} {{ 'AbC'.upper() + 'AbC'.lower() }} {{ 'abc'.find('c') }}",
    "{{ 'yes' if 'abc'.startswith('ab') and 'abc'.endswith(('x', 'bc')) else 'no' }} {{ ', '.join(['a', 'b']) }}",
    "{{ 'yes' if not nothing is defined else 'no' }} {{ 'yes' if nothing is not defined else 'no' }} {{ 'yes' if not 1 == 2 else 'no' }}",
    "{{ 'yes' if 'b' in 'abc' and 'z' not in 'abc' and not 'z' in ['a'] and 'role' in messages[0] else 'no' }}",
    "{{ 'yes' if '1' == 1 else 'no' }} {{ 'yes' if 1 == 1.0 else 'no' }} {{ 'yes' if 'a' != none else 'no' }} {{ 'yes' if true == 'true' else 'no' }}",
    "{{ 'yes' if messages is iterable and messages[0] is mapping and 'a' is string and 1 is number and nothing is undefined else 'no' }}",
    "{{ nothing }}|{{ nothing.x if nothing else '' }}|{{ messages[9] }}|{{ messages[0].nothing }}|{{ nothing or 'or' }}|{{ 'a' and 'and' }}",
    "{{ 1 + 2 * 3 - 4 // 3 }} {{ 7 % 3 }} {{ -1 + 2 }} {{ (1 + 2) * 3 }} {{ 'a' ~ 1 ~ 'b' }} {{ 2 > 1 and 1 <= 1 and 'ok' }}",
    "{{ messages | tojson }} {{ {'a': [1, true, none, 'ü\"\\n\\u0001'], 'b': {}} | tojson }}\n{{ {'a': [1, {'b': []}]} | tojson(indent=2) }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ messages | map(attribute='role') | join(',') }} {{ (messages | last).role }}",
    "{% macro wrap(text, mark='*') %}{{ mark + text + mark }}{% endmacro %}{{ wrap('a') }}{{ wrap('b', mark='_') }}",
    "{% set block %}{{ 'a' }} b{% endset %}[{{ block }}]",
    "{{ messages[0].get('role') }} {{ messages[0].get('nothing', 'fallback') }} {% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}",
    "{{ \"it's\" + ' \"quoted\" \\'single\\' \\t\\\\ ' + '\\u2581' }}",
    "{{ raise_exception('Refused: ' + messages[0].role) }}",
    "{% if false %}{{ raise_exception('never') }}{% endif %}fine",
    "{{ 'a' + nothing }}",
    "{{ nothing.x }}",
    "{{ nothing.x.y }}",
    "{{ messages[0].content.nothing() }}",
    "{{ 'a' | nosuchfilter }}",
    "{{ nosuchfunction() }}",
]
BROKEN = [
    "{% if true %}",
    "{% endif %}",
    "{{ 'a' ",
    "{{ 'a }}",
    "{{ a b }}",
    "{% if false %}{{ (1 + }}{% endif %}",
    "{% nosuchtag %}",
    "{# never closed",
    "{% for x %}{% endfor %}",
    "{% raw %} x",
]


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 3, 9, 14, 5, 7, 123456)


def compiled(source):
    chat_template_utils.datetime = Clock
    return chat_template_utils._cached_compile_jinja_template(source)


def case(name, source, messages, prompt, tokens):
    result = {"name": name, "messages": messages, "add_generation_prompt": prompt}
    try:
        text = compiled(source).render(messages=messages, add_generation_prompt=prompt, **tokens)
        return result | {"expected": text}
    except jinja2.exceptions.TemplateSyntaxError:
        return result | {"error": ""}
    except jinja2.exceptions.UndefinedError:
        return result | {"error": ""}
    except jinja2.exceptions.TemplateError as e:
        return result | {"error": str(e)}


def expression(source):
    try:
        text = compiled(source).render(**copy.deepcopy(expressions.VARIABLES))
    except Exception as e:  # Python's own errors too.
        return {"template": source, "error": f"{type(e).__name__}: {e}"}
    # Python prints where an object lies.
    return {"template": source} | ({} if " at 0x" in text else {"expected": text})


def main():
    warnings.simplefilter("ignore")
    templates = []
    for name, tokens in TOKENS.items():
        source = (HERE / f"{name}.jinja").read_text()
        cases = [
            case(f"{talk}, prompt {prompt}", source, messages, prompt, tokens)
            for talk, messages in CONVERSATIONS.items()
            for prompt in (False, True)
        ]
        templates.append({"template": f"{name}.jinja", "tokens": tokens, "cases": cases})
    snippets = [{"template": s} | case(s, s, CONVERSATIONS["turns"], True, {}) for s in SNIPPETS]
    for source in BROKEN:
        assert "error" in case("", source, [], True, {}), source
    golden = {"templates": templates, "snippets": snippets, "broken": BROKEN}
    (HERE / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
    sources = ["{{ " + e + " }}" for e in expressions.EXPRESSIONS] + expressions.STATEMENTS
    golden = {
        "variables": expressions.VARIABLES,
        "cases": [expression(source) for source in sources],
        "refused": expressions.REFUSED,
    }
    (HERE / "expressions.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


main()
