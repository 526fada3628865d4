"""Short templates for each operator, filter, test, method, statement, mark of whitespace control and class of error."""

VARIABLES = {
    "s": "Hello World",
    "u": "añ👍🇫🇷x",
    "e": "",
    "n": 7,
    "f": 2.5,
    "t": True,
    "z": None,
    "l": [3, 1, 2],
    "d": {"b": 1, "a": [1, 2], "items": "own", "x.y": 3},
    "m": [
        {"role": "user", "content": "Hi", "n": 2, "tags": ["a", "b"]},
        {"role": "assistant", "content": "yo", "n": 1, "name": "Bob"},
        {"role": "User", "content": " <b>\"q\"</b>\n'x' ", "n": 3, "tags": []},
    ],
    "deep": {"a": {"b": [{"c": "found"}]}},
}

# Printed one by one between {{ and }}.
EXPRESSIONS = """
1+2
1 + 2 * 3
2 ** 3 ** 2
-2 ** 2
2 ** -1
7 // 2
-7 // 2
7 % 3
-7 % 3
7 % -3
7.5 // 2
-7.5 % 2
7 / 2
6 / 3
1 / 3
0.1 + 0.2
1e16
1e15
1.5e300 * 1e10
123456789012345678
0.0001
0.00001
1e-7
100.0
-0.0
5 // 0.0
1 / 0
1 % 0
1 // 0
t + t
-t
+n
-f
1_000 + 0x1F + 0b101 + 0o17
1_0.5_0
9223372036854775807
n + f
n * '-'
'-' * 3
'-' * -1
'-' * t
[1] * 2 + [2]
(1, 2) + (3,)
l + (1,)
'a' + 1
1 + 'a'
'a' - 'b'
z + 1
s * 1.5
'%s' % 'q'
'%s-%s' % (1, 'b')
'%d %i %5d|%-5d|%05d|%+d|% d' % (1, 2.9, 3, 4, 5, 6, 7)
'%x %X %#x %o %#o' % (255, 255, 255, 8, 8)
'%f %.2f %10.3f|%-10.1f|%010.2f' % (1.5, 2.345, 3.14159, 2.25, -1.5)
'%e %.3E %g %g %g %G' % (12345.678, 0.00012, 0.00001, 123456789.0, 100.0, 1e-10)
'%r %s %%' % ('a\\'b', [1, 'x'])
'%c%c' % ('a', 98)
'%5s|%-5s|%.2s' % ('ab', 'ab', 'abcdef')
'%*d|%.*f' % (5, 3, 2, 1.239)
'%(a)s %(b)d' % {'a': 1, 'b': 2}
'%s' % z
'%s' % [1, 2]
'x' % [1]
'x' % 1
'%s %s' % 1
'%d' % 'a'
'%q' % 1
'%s' % (1, 2)
'%' % 1
'a' 'b'
'a' "b" 'c'
'\\x41\\u00e9\\U0001f600\\n\\t\\'\\"\\\\\\101\\q|'
'\\N{BULLET}'
'\\xg'
'é\\é'
"double 'single'"
1 < 2 < 3
1 < 3 < 2
3 > 2 >= 2 != 1
1 == 1.0
t == 1
'1' == 1
z == none
none == None
l == [3, 1, 2]
(1, 2) == [1, 2]
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
'a' < 'b'
'a' < 'B'
'👍' > '\uffee'
[1, 2] < [1, 3]
[1] < [1, 0]
(1, 'a') >= (1, 'a')
1 < 'a'
[1] < (1,)
z < 1
{} < {}
'a' in 'abc'
'z' not in 'abc'
'' in ''
1 in l
1.0 in l
t in l
'b' in d
'c' in d
[1] in d
1 in 'abc'
1 in 5
'a' in none
2 in range(3)
not t
not not e
not 1 == 2
t and n
e and n
e or n or 1
z or e
e or z
1 if t else 2
1 if e else 2
1 if e
(1 if e) is defined
'a' if e else 'b' if z else 'c'
1 if t if t else 2
'a' ~ 1 ~ none ~ t ~ 1.0 ~ [1]
1 ~ 2 + 3
'a' ~ undefined ~ 'b'
undefined
undefined is defined
undefined.x
undefined['x']
undefined.x.y
undefined()
undefined + 1
1 + undefined
-undefined
undefined == undefined2
undefined == none
undefined < 1
undefined in l
'a' in undefined
undefined | length
undefined | list
undefined | upper
undefined | int
undefined | default('d')
undefined | first
undefined is none
undefined is iterable
undefined is sequence
undefined is callable
'%s' % undefined
[undefined]
undefined or 'x'
m[9]
m[0].zzz
m[0].zzz.yyy
m[0]['zzz'] is undefined
d.items
d['items']
d.items() | list
d.b
d['x.y']
d.keys()
d.values()
d.items()
d.keys() | list
d.get('b')
d.get('zz')
d.get('zz', 5)
d.get()
d.copy()
d.pop('b')
d.pop
d.pop is defined
d.update({})
d.nope
d.nope is defined
l.append(1)
l.append is defined
l.index(1)
l.index(9)
l.count(3)
l.copy()
l.nope()
(1, 2, 1).count(1)
(1, 2, 1).index(2)
s.__class__
s.__class__.__mro__
s._x is defined
z.x
z['x']
n.x
n.x is undefined
n[0]
s[0]
s[-1]
s[99]
s['upper']()
s.0
m.0.role
m.0.tags.1
u
u | length
u[2]
u[-1]
u[3]
u[1:3]
u[::-1]
u[::2]
u | reverse
u | list
u.find('x')
u.find('🇫')
u.index('👍', 1)
s[1:4]
s[:-3]
s[-3:]
s[::2]
s[::-1]
s[8:2:-2]
s[5:2]
s[:]
s[0:99]
s[::0]
s['a':]
l[1:]
l[::-1]
l[-2:]
l[:1]
(1, 2, 3)[1:]
range(10)[2:5]
range(10)[2:5] | list
z[1:]
d[1:]
undefined[1:]
l[0]
l[-1]
l[3]
l[1.0]
l['0']
l[t]
(1, 2)[1]
range(3)[1]
range(3)
range(1, 10, 3) | list
range(5, 0, -2) | list
range(0)
range(3) | length
range(100001)
range(1, 2, 0)
range('a')
range(1.5)
range(3) == range(0, 3, 1)
dict(a=1, b=2)
dict([('a', 1)], b=2)
dict({'a': 1}, a=2)
dict(1)
dict(undefined)
namespace(a=1).a
namespace(a=1).b is defined
namespace(a=1)
namespace({'a': 1})['a']
cycler('a', 'b').next()
cycler('a', 'b').current
cycler()
joiner('|')()
[1, 'a', none, true, 1.5, 'it\\'s', "q\\"'", '\\n\\x00é👍\\u200b']
(1,)
()
(1, 2)
[]
[1, ]
{}
{'a': [1, {'b': none}]}
{'a': 1,}
{1: 'a', 1.0: 'b', true: 'c'}
{none: 1}[none]
{(1, 2): 3}[(1, 2)]
{[1]: 2}
[1, [2, [3]]]
True
False
None
true and none
s | upper
s | lower
s | capitalize
'hELLO wORLD' | capitalize
'hello wORLD foo-bar (baz) don\\'t' | title
'hello wORLD foo-bar (baz) don\\'t'.title()
'ß straße' | title
'ß'.upper()
'ß'.title()
'ǆ'.title()
'ΑΣ'.lower()
'İ'.lower() | length
'Straße'.casefold()
'aBc'.swapcase()
s | center(20)
s | center(20) | length
'ab'.center(5) ~ '|'
'abc'.center(6) ~ '|'
'ab'.center(5, '*')
'ab'.ljust(5, '.') ~ 'ab'.rjust(5, '.')
'ab'.rjust(5, 'xx')
'42'.zfill(5) ~ '-42'.zfill(5) ~ '+1'.zfill(1)
s | replace('o', '0')
s | replace('o', '0', 1)
'aaa' | replace('', '-')
'abc' | replace('b', 1)
'aaa'.replace('a', 'b', 2)
'aaa'.replace('', '-')
'aaa'.replace('a', 'b', count=1)
s | trim
'xxaxx' | trim('x')
' a ' | trim ~ '|'
' a '.strip() ~ 'xay'.strip('xy') ~ ' a'.lstrip() ~ 'a '.rstrip() ~ '|'
'\\u00a0\\u3000a\\x1f'.strip()
'a b  c '.split()
'a b  c '.split(' ')
'a,b,c'.split(',', 1)
'a,b,c'.split(sep=',', maxsplit=1)
' a b  c '.split(none, 1)
'a,b,c'.rsplit(',', 1)
' a b  c '.rsplit(none, 1)
' a b  c '.rsplit()
'abc'.split('')
''.split()
''.split(',')
'a<sep>b'.split('<sep>')
'a\\nb\\r\\nc\\x0bd\\u2028e'.splitlines()
'a\\nb\\n'.splitlines(true)
'a\\tb'.expandtabs(4)
'abc'.startswith('ab') ~ 'abc'.endswith('bc') ~ 'abc'.startswith(('x', 'a')) ~ 'abc'.startswith('b', 1)
'abc'.startswith(['a'])
'abc'.startswith(1)
'abcabc'.find('c') ~ 'abcabc'.rfind('c') ~ 'abcabc'.find('z') ~ 'abcabc'.find('c', 3) ~ 'abcabc'.find('c', -2, 99)
'abc'.index('z')
'abcabc'.rindex('a')
'abcabca'.count('a') ~ 'aaa'.count('aa') ~ 'abc'.count('')
', '.join(['a', 'b'])
', '.join('abc')
', '.join([1])
'-'.join(d)
'{} {}'.format(1, 'a')
'{0} {1} {0}'.format('a', 'b')
'{a} {b[0]} {c.role}'.format(a=1, b=[2], c=m[0])
'{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {:,} {:_} {:x} {:#x} {:b} {:o} {:c}'.format(42, 42, 1234567, 1234567, 255, 255, 5, 8, 65)
'{:.2f} {:10.3f}| {:e} {:g} {:%} {:.1%}'.format(3.14159, 2.5, 12345.678, 0.0001, 0.25, 0.5)
'{:,.2f} {:012,.1f} {:>+8.1f}'.format(1234567.891, 1234.5, 2.25)
'{!r} {!s}'.format('a', 'b')
'{:{w}}|'.format('a', w=5)
'{{}}'.format()
'{'.format()
'}'.format()
'{} {0}'.format(1)
'{}'.format()
'{a}'.format(b=1)
'{:d}'.format('a')
'{:s}'.format(1)
'{:.3}'.format('abcdef')
'{:.3}'.format(2.0)
'{:.1}'.format(2.0)
'{:5}|{:<5}|'.format(1, 2)
'{:5}|'.format(true)
'{}'.format(none)
'{:5}'.format(none)
'{.__class__}'.format(1)
'{a}'.format_map({'a': 1})
'TestHook'.removeprefix('Test') ~ 'TestHook'.removesuffix('Hook') ~ 'a'.removeprefix('b')
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('-')
'abc'.rpartition('-')
'12'.isdigit() ~ '²'.isdigit() ~ ''.isdigit() ~ '1a'.isdigit() ~ '²'.isdecimal() ~ '½'.isnumeric()
'ab'.isalpha() ~ 'a1'.isalpha() ~ 'é'.isalpha() ~ 'a1'.isalnum() ~ 'a '.isalnum()
' \\n'.isspace() ~ ''.isspace()
'AB1'.isupper() ~ 'Ab'.isupper() ~ 'ab1'.islower() ~ '1'.islower() ~ 'Ab Cd'.istitle() ~ 'é'.isascii()
'a\\n'.isprintable() ~ 'a'.isprintable()
'abc'.nope()
'abc'.upper(1)
'abc'.upper
s.split(1)
3 | abs
-3 | abs
-3.5 | abs
'a' | abs
true | abs
m[0] | attr('role')
m[0] | attr('items') is callable
s | attr('upper')
[1, 2, 3, 4, 5] | batch(2) | list
[1, 2, 3] | batch(2, 'x') | list
[1, 2, 3, 4, 5] | slice(2) | list
[1, 2, 3, 4, 5] | slice(3, 'x') | list
s | count
l | length
d | length
5 | length
z | length
undefined | d('x')
'' | d('x')
'' | d('x', true)
'' | default('x', boolean=true)
'' | default(default_value='x', boolean=true)
none | default('x')
d | dictsort
{'b': 1, 'A': 2, 'c': 0} | dictsort
{'b': 1, 'A': 2, 'c': 0} | dictsort(true)
{'b': 1, 'A': 2, 'c': 0} | dictsort(false, 'value')
{'b': 1, 'A': 2, 'c': 0} | dictsort(by='value', reverse=true)
{'b': 1} | dictsort(by='zzz')
l | dictsort
'<a href="x">\\'&' | e
'<a>' | escape ~ '<b>'
('<a>' | safe) + '<b>'
'<b>' + ('<a>' | e)
('<a>' | e) | upper
'<a>' | safe | e
'<a>' | e | forceescape
'<a>' | e is escaped
1000 | filesizeformat
1 | filesizeformat
1234567 | filesizeformat
1234567 | filesizeformat(true)
l | first
'' | first
s | first
'abc' | last
l | last
[] | last
[] | last is defined
d | first
'3.5' | float
'x' | float
'x' | float(1.5)
' 1e3 ' | float
'inf' | float
3 | float
none | float
'%s, %s!' | format('a', 1)
'%(a)s' | format(a=5)
'%s' | format(1, a=2)
m | groupby('role')
m | groupby('role') | map(attribute='grouper') | list
m | groupby('role', case_sensitive=true) | map('first') | list
m | groupby('name', default='zz') | map('list') | map('first') | list
(m | groupby('n') | first).list | length
'a\\nb\\n\\nc' | indent
'a\\nb\\n\\nc' | indent(2, true, true)
'a\\nb' | indent('> ')
'a\\nb' | indent(first=true)
'' | indent(2, true)
1 | indent
'42' | int
'42.7' | int
42.7 | int
-42.7 | int
'x' | int
'x' | int(5)
'0x1F' | int(base=16)
'1F' | int(0, 16)
'0b11' | int(0, 0)
' -5 ' | int
'1_000' | int
'1__0' | int
none | int
[] | int
true | int
'9' * 5000 | int
'٣' | int
d | items | list
undefined | items | list
5 | items | list
l | join
l | join('-')
l | join(', ', attribute='x')
m | join(',', attribute='role')
m | join(attribute='n')
s | join('.')
5 | join
l | list
s | list
d | list
5 | list
m | map(attribute='role') | list
m | map(attribute='name', default='none') | list
m | map(attribute='name') | list
m | map(attribute='tags.0', default='-') | list
['a', 'b'] | map('upper') | join
['a', 'b'] | map('replace', 'a', 'x') | list
[1, 2] | map('string') | list
['1', '2'] | map('int') | sum
[[1, 2], [3]] | map('join', '-') | list
l | map('nope') | list
l | map | list
none | map('upper') | list
5 | map('upper') | list
l | map(attribute='x', nope=1) | list
l | max
l | min
['b', 'A'] | max
['b', 'A'] | max(case_sensitive=true)
m | max(attribute='n')
[] | max
[1, 'a'] | max
[1, 2, 3, 4] | reject('odd') | list
[1, 2, 3, 4] | select('even') | list
[1, 0, '', 'a'] | select | list
[1, 0, '', 'a'] | reject | list
[1, 2, 3] | select('gt', 1) | list
[1, 2, 3] | select('in', [1, 3]) | list
m | selectattr('role', 'equalto', 'user') | map(attribute='content') | list
m | selectattr('role', '==', 'user') | list | length
m | selectattr('name') | list | length
m | selectattr('name', 'defined') | list | length
m | rejectattr('name', 'defined') | list | length
m | rejectattr('tags') | list | length
m | selectattr('role', 'in', ['user', 'tool']) | list | length
m | selectattr('role', 'nope') | list
m | selectattr | list
m | selectattr('role', 'equalto', 'user') is sequence
m | selectattr('role', 'equalto', 'user') | length
m | selectattr('role', 'equalto', 'user') | first
m | selectattr('role', 'equalto', 'user') | last
not (m | selectattr('role', 'equalto', 'zzz'))
l | reverse | list
'abc' | reverse
(1, 2) | reverse | list
d | reverse | list
5 | reverse
2.5 | round
3.5 | round
2.675 | round(2)
-2.5 | round
42.55 | round(1, 'floor')
42.55 | round(1, 'ceil')
42 | round
42 | round(-1)
45 | round(-1)
42.7 | round | int
'a' | round
1.5 | round(0, 'zzz')
l | sort
l | sort(reverse=true)
['b', 'A', 'c'] | sort
['b', 'A', 'c'] | sort(case_sensitive=true)
m | sort(attribute='n') | map(attribute='n') | list
m | sort(attribute='role,n') | map(attribute='content') | list
m | sort(true, attribute='n') | map(attribute='n') | list
[1, 'a'] | sort
[none, 1] | sort
[[2, 1], [1, 2]] | sort
d | sort
1 | string + '2'
none | string
[1] | string
[1, 2] | sum
[1.5, 2] | sum
m | sum(attribute='n')
[1] | sum(start=5)
[[1], [2]] | sum(start=[])
['a'] | sum
['a'] | sum(start='')
m | tojson
d | tojson
{'a': [1, 1.0, true, none, 'é"\\n\\u0001\\u007f👍</script>']} | tojson
{'a': [1, {'b': []}], 'c': {}} | tojson(indent=2)
{'a': [1, {'b': []}]} | tojson(indent=0)
{'a': [1]} | tojson(indent='--')
{'b': 1, 'a': 2} | tojson(sort_keys=true)
{'b': 1, 'a': [2, 3]} | tojson(separators=(',', ':'))
{'b': 1, 'a': [2, 3]} | tojson(indent=1, separators=(', ', ' = '))
'é👍' | tojson(ensure_ascii=true)
{1: 2, 1.5: 3, true: 4, none: 5} | tojson
{(1, 2): 3} | tojson
(1, 2) | tojson
range(2) | tojson
undefined | tojson
d.items() | tojson
d | tojson(nope=1)
1e100 | tojson
'inf' | float | tojson
'foo bar baz qux' | truncate(9)
'foo bar baz qux' | truncate(9, true)
'foo bar baz qux' | truncate(11)
'foo bar baz qux' | truncate(11, false, '...', 0)
'foo bar baz qux' | truncate(1)
'foobarbazqux' | truncate(6, end='', leeway=0)
['a', 'A', 'b', 'a'] | unique | list
['a', 'A', 'b'] | unique(true) | list
m | unique(attribute='role') | map(attribute='n') | list
[[1], [1]] | unique | list
[1, 1.0, true] | unique | list
'a b/c?d=é' | urlencode
{'a b': 'c/d', 'x': 1} | urlencode
'foo bar-baz, qux_1' | wordcount
s | nope
s | upper(1)
s | default(nope=1)
s | upper | lower | title
s.upper() | lower
(s | upper).lower()
-1 | abs
n | abs + 1
true is boolean
1 is boolean
s is callable
s.upper is callable
range is callable
9 is divisibleby(3)
9 is divisibleby 2
9 is divisibleby 0
1 is eq 1
1 is == 1
1 is eq(1.0)
1 is equalto 2
1 is ne 2
1 is lt 2
1 is le 1
1 is gt 2
1 is ge 1
1 is lessthan 2
1 is greaterthan 2
4 is even
4 is odd
3 is odd
3.0 is odd
'a' is odd
false is false
0 is false
true is true
1 is true
'upper' is filter
'zzz' is filter
'odd' is test
'zzz' is test
1.5 is float
1 is float
1 is integer
true is integer
1 is in [1]
'a' is in 'abc'
1 is in 5
l is iterable
s is iterable
5 is iterable
none is iterable
'abc' is lower
'Abc' is upper
'ABC' is upper
d is mapping
l is mapping
none is none
z is none
s is none
1 is number
true is number
'1' is number
none is sameas none
l is sequence
d is sequence
range(2) is sequence
d.items() is sequence
5 is sequence
s is string
n is string
s is defined
s is not defined
s is undefined
s is not none and t
not s is none
s is zzz
s is defined(1)
s is defined is string
1 is defined if t else 2
'a' is string and 'b' is string
m | last is mapping
m | last is not mapping
m|length is gt 2
messages is defined and messages
raise_exception('told so')
raise_exception()
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y')
strftime_now('%A, %B %d, %Y %H:%M:%S %p %I %j %U %W %w %a %y %m %%')
strftime_now('%-d %-m/%e %F %T %D %R %r %c %x %X %f %G %V %u %C %h %n %t|%z%Z|')
strftime_now('%H:%M', 1)
strftime_now(format='%Y')
strftime_now(5)
nope()
s()
5()
n.upper()
none()
lipsum is defined
range(*[1, 3]) | list
dict(**{'a': 1})
dict(a=1, **{'a': 2})
range(**{'a': 1})
dict(a=1, a=2)
'{}{}'.format(*['a', 'b'])
'{x}'.format(**{'x': 1})
(1, 2) | first
((1))
[(1, 2), (3, 4)][1][0]
deep.a.b[0].c
deep['a']['b'][0]['c']
deep | attr('a')
[deep] | map(attribute='a.b.0.c') | list
{'a': 1}.a
{'a': 1}['a']
[1, 2][0]
'abc'[1]
'abc'.upper().lower()[0]
l[0] + l[1] * l[2]
m[0].content + m[1].content
(m | length) - 1
m[-1].content | trim
m[0]['role'] == 'user' and m[0]['content'] is string
loop
loop is defined
caller
""".strip("\n").split("\n")

STATEMENTS = [
    "{% for x in l %}{{ x }}{% endfor %}",
    "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}",
    "{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in l %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}",
    "{% for x in l %}{{ loop.nope }}{{ loop }}{% endfor %}",
    "{% for x in l if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ loop.last }} {% endfor %}",
    "{% for x in l if x > 9 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in [] %}{% else %}empty{% endfor %}",
    "{% for x in l %}{% continue %}{% else %}else{% endfor %}",
    "{% for x in l %}{{ x }}{% break %}{% else %}else{% endfor %}",
    "{% for x in l %}{% if loop.last %}{% break %}{% endif %}{{ x }}{% else %}else{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}",
    "{% for k, v in d %}{{ k }}{% endfor %}",
    "{% for a, b in [(1, 2), [3, 4], 'xy'] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}",
    "{% for a, b in [(1, 2), (3, 4)] if a > 1 %}{{ a }}{{ b }}{{ loop.previtem is defined }}{% endfor %}",
    "{% for c in u %}{{ c }}|{% endfor %}",
    "{% for x in undefined %}{{ x }}{% else %}e{% endfor %}",
    "{% for x in none %}{{ x }}{% endfor %}",
    "{% for x in 5 %}{{ x }}{% endfor %}",
    "{% for x in range(3) %}{{ x }}{% endfor %}",
    "{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% for x in l %}{% for y in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in l %}{% set outer = loop %}{% for y in l %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}",
    "{% for x in l recursive %}{{ x }}{% endfor %}",
    "{% for x in [{'v': 1, 'c': [{'v': 2, 'c': [{'v': 3, 'c': []}]}]}] recursive %}{{ x.v }}d{{ loop.depth }}{% if x.c %}({{ loop(x.c) }}){% endif %}{% endfor %}",
    "{% for x in l %}{{ loop(l) }}{% endfor %}",
    "{% for x in l recursive %}{% break %}{% endfor %}",
    "{% for loop in l %}{% endfor %}",
    "{% for x in l %}{% set loop = 1 %}{% endfor %}",
    "{% for x in m | selectattr('n', 'gt', 1) %}{{ loop.index }}{{ x.role }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for x in m | map(attribute='role') %}{{ loop.revindex }}{{ x }} {% endfor %}",
    "{% set g = m | map(attribute='role') %}{{ g | list }}{{ g | list }}",
    "{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}",
    "{% for i in l %}{{ x is defined }}{% set x = i %}{{ x }} {% endfor %}{{ x is defined }}",
    "{% set x = 1 %}{% if t %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% if e %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set x, y = 1, 2 %}{{ x }}{{ y }}",
    "{% set x = 1, 2 %}{{ x }}",
    "{% set (x, y) = [1, 2] %}{{ x }}{{ y }}",
    "{% set x, y = 1 %}{{ x }}",
    "{% set x %}a{{ 1 }}b{% endset %}[{{ x }}]",
    "{% set x | upper %}a{{ 1 }}b{% endset %}[{{ x }}]",
    "{% set x | upper | replace('A', 'z') %}ab{% endset %}[{{ x }}]",
    "{% set x | join(y) %}{% set y = '-' %}ab{% endset %}[{{ x }}]",
    "{% set ns = namespace(x=1, l=[]) %}{% for i in l %}{% set ns.x = ns.x + i %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.x }}{{ ns.l }}",
    "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}",
    "{% set ns = namespace() %}{% set ns.a %}text{% endset %}{{ ns.a }}",
    "{% set d.x = 1 %}",
    "{% set nope.x = 1 %}",
    "{% set x.y.z = 1 %}",
    "{% set 1 = 2 %}",
    "{% set true = 2 %}",
    "{% set s.x %}a{% endset %}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}",
    "{% filter upper %}a{{ s }}{% endfilter %}",
    "{% filter upper | replace('A', 'x') | trim %} ab {% endfilter %}",
    "{% filter indent(2, first=true) %}a\nb{% endfilter %}",
    "{% filter nope %}a{% endfilter %}",
    "{% macro f(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}|{{ f(1, 3) }}|{{ f(1, c='y') }}|{{ f() }}|{{ f(a=1, b=none) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=1) }}",
    "{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}",
    "{% macro f(a=b, b=1) %}[{{ a }}{{ b }}]{% endmacro %}{{ f() }}",
    "{% macro f(a=1, b) %}{% endmacro %}",
    "{% macro f(a, a) %}{% endmacro %}",
    "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}",
    "{% macro f(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ f(1, 2) }}{{ f() }}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}g{% endmacro %}{{ f() }}",
    "{% macro f() %}{% set x = 1 %}{{ x }}{% endmacro %}{{ f() }}{{ x is defined }}",
    "{% macro f() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}{% set x = 2 %}{{ f() }}",
    "{% macro f() %}{{ s }}{% endmacro %}{{ f() }}{{ f }}{{ f.name }}",
    "{% macro f() %}{{ nope() }}{% endmacro %}{{ f() }}",
    "{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}body{{ n }}{% endcall %}",
    "{% macro f() %}<{{ caller(1, 2) }}>{% endmacro %}{% call(a, b) f() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro f() %}<{{ caller(1) }}>{% endmacro %}{% call(a, b='x') f() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro f() %}x{% endmacro %}{% call f() %}body{% endcall %}",
    "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}",
    "{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}",
    "{% macro f(caller) %}{{ caller }}{% endmacro %}{{ f(1) }}",
    "{% call s.upper() %}x{% endcall %}",
    "{% call s %}x{% endcall %}",
    "{% for i in l %}{% macro f() %}{{ i }}{% endmacro %}{{ f() }}{% endfor %}",
    "{% macro f() %}  a  {% endmacro %}[{{ f() }}]{{ f() | trim }}{{ f() + 'x' }}",
    "{% macro f(x) %}{% if x is string %}s{% elif x is mapping %}m{% else %}o{% endif %}{% endmacro %}{{ f('a') }}{{ f({}) }}{{ f(1) }}",
    "{% generation %}a{{ s }}{% set q = 1 %}{% endgeneration %}{{ q is defined }}",
    "{% for x in l %}{% generation %}{{ x }}{% endgeneration %}{% endfor %}",
    "{% for x in l %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
    "{% for x in l %}{% set q %}a{% break %}{% endset %}{% endfor %}done",
    "{% for x in l %}{% filter upper %}a{% continue %}{% endfilter %}b{% endfor %}done",
    "{% break %}",
    "{% for x in l %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}",
    "{% print 1, 'a' %}",
    "{% print %}x",
    "{% if t %}a{% elif e %}b{% else %}c{% endif %}",
    "{% if e %}a{% elif t %}b{% else %}c{% endif %}",
    "{% if e %}a{% elif z %}b{% else %}c{% endif %}",
    "{% if 1, 2 %}a{% endif %}",
    "{% if t: %}a{% endif %}",
    "{% if e %}{{ 1 | nope }}{% endif %}ok",
    "{% if t %}{{ 1 | nope }}{% endif %}ok",
    "{% if e %}{{ 1 is nope }}{% endif %}ok",
    "{{ (1 | nope) if e else 2 }}",
    "{{ (1 | nope) if t else 2 }}",
    "{% if e %}{% for x in l %}{{ x | nope }}{% endfor %}{% endif %}ok",
    "{% if e %}{% for x in l | nope %}{{ x }}{% endfor %}{% endif %}ok",
    "{% if e %}{% set x %}{{ 1 | nope }}{% endset %}{% endif %}ok",
    "{% raw %}{{ a }}{% b %}{# c #}{% endraw %}",
    "a\n{% raw %}\n {{ x }} \n{% endraw %}\nb",
    "a {%- raw -%} {{ x }} {%- endraw -%} b",
    "a {%+ raw %} x {%+ endraw +%}\nb",
    "{% raw %}x",
    "{# comment #}a",
    "a {#- comment -#} b",
    "a\n  {# c #}\nb",
    "a\n  {#+ c +#}\nb",
    "a\n  {# c \n multi #}  \nb",
    "a\n  {%- if t -%}  \n b \n{%- endif %}\nc",
    "a\n  {%+ if t +%}\n b\n  {%+ endif %}\nc",
    "a\n\t {% if t %}\n\n b \n {% endif %} \nc",
    "  {{- 'x' -}}  y",
    "  {{ 'x' }}  \n  {{ 'y' }}\n",
    "{{+ 'x' }}",
    "{{-1}} {{ -1}} {{+1}}",
    "a\n\n{{- 1 }}\n\n{{ 2 -}}\n\n b",
    "a  {% if t %}x{% endif %}  \n  b",
    "{% if t %}\n{% if t %}\n  x\n{% endif %}\n{% endif %}\n",
    "x{% if t %} {% endif %}y",
    "{%if t%}a{%endif%}",
    "{%\nif\nt\n%}a{%\nendif\n%}",
    "\n\n{{ 1 }}\n\n",
    "a\r\nb\rc\n",
    "{{ 'a\r\nb' }}",
    "{{ 'a\nb' }}",
    "  {% set x = 1 %}\n  {% set y = 2 %}\n{{ x }}",
    "\u00a0{% if t %}x{% endif %}",
    "a\u2003\n\u2003{%- if t %}x{% endif %}",
    "{{ '}}' }}{{ '%}' }}{{ '{{' }}{{ \"{#\" }}",
    "{{ {'a': {'b': {}}} }}",
    "{{ {'a': 1}}}",
    "{ { % # } }{",
    "{",
    "{{ 1 }",
    "{{ 1",
    "{{ }}",
    "{{",
    "{%",
    "{% %}",
    "{% 1 %}",
    "{#",
    "{{ 'a }}",
    "{{ (1 }}",
    "{{ 1) }}",
    "{{ [1) }}",
    "{{ a b }}",
    "{{ 1 + }}",
    "{{ * 1 }}",
    "{{ a.'b' }}",
    "{{ a[ }}",
    "{{ a[1 }}",
    "{{ {1} }}",
    "{{ {1: } }}",
    "{{ a? }}",
    "{{ a ! b }}",
    "{{ 007 }}",
    "{{ 1__0 }}",
    "{{ 1abc }}",
    "{{ f(a=1, 2) }}",
    "{{ f(*a, *b) }}",
    "{{ f(**a, b) }}",
    "{{ s | }}",
    "{{ s is }}",
    "{{ a if }}",
    "{{ a if b else }}",
    "{{ not }}",
    "{{ in }}",
    "{{ if }}",
    "{{ a[] }}",
    "{{ l[1:2, 3] }}",
    "{{ d['a', 'b'] }}",
    "{% if %}{% endif %}",
    "{% if t %}",
    "{% if t %}{% endfor %}",
    "{% endif %}",
    "{% else %}",
    "{% for %}{% endfor %}",
    "{% for x %}{% endfor %}",
    "{% for x in %}{% endfor %}",
    "{% for 1 in l %}{% endfor %}",
    "{% for x in l %}",
    "{% for x in l %}{% endif %}",
    "{% set %}",
    "{% set x %}",
    "{% set x = %}",
    "{% macro %}{% endmacro %}",
    "{% macro f %}{% endmacro %}",
    "{% macro f( %}{% endmacro %}",
    "{% nope %}",
    "{% do x %}",
    "{% with a %}{% endwith %}",
    "{% filter %}{% endfilter %}",
    "{% generation %}",
    "{% continue %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% if t %}a{% endif x %}",
    "{% if t x %}a{% endif %}",
    "{{ 1, 2 }}",
    "{{ 1, }}",
    "{{ (1, 2) }}",
    "{% set j = joiner() %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}",
    "{% set c = cycler('a', 'b') %}{% for x in l %}{{ c.next() }}{% endfor %}{{ c.current }}{{ c.reset() }}{{ c.next() }}",
    "{% set range = 5 %}{{ range }}",
    "{% for group in m | groupby('role') %}{{ group.grouper }}:{{ group.list | length }} {% endfor %}",
    "{% for name, items in m | groupby('role') %}{{ name }}:{{ items | length }} {% endfor %}",
    "{% for row in l | batch(2, '-') %}{{ row | join }};{% endfor %}",
    "{% for row in l | slice(2) %}{{ row | join }};{% endfor %}",
    "{% for x in l | reverse %}{{ loop.index }}{{ x }}{{ loop.length }}{% endfor %}",
    "{% for k, v in d | items %}{{ k }}{% endfor %}",
    "{% for k, v in d | dictsort %}{{ k }}{% endfor %}",
    "{% for x in l %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% set x = {'a': 1} %}{% set y = dict(x, b=2) %}{{ y }}{{ x }}",
    "{% set é = 1 %}{{ é }}",
    "{% set a1_ = 1 %}{{ a1_ }}",
    "{{ namespace(a=1).a }}{% set ns = namespace(d) %}{{ ns.b }}",
]

# What real Jinja2 can do, and this evaluator refuses.
REFUSED = [
    "{% autoescape false %}x{% endautoescape %}{{ '<' }}",
    "{% block x %}a{% endblock %}",
    "{{ s | pprint }}",
    "{{ l | random is defined }}",
    "{{ '<b>x</b>' | striptags }}",
    "{{ 'www.example.com' | urlize }}",
    "{{ s | wordwrap(5) }}",
    "{{ d | xmlattr }}",
    "{{ s.encode() }}",
    "{{ n.bit_length() }}",
    "{{ lipsum() | length > 0 }}",
    "{{ 9223372036854775807 + 1 }}",
    "{{ 99999999999999999999 }}",
    "{{ 10 ** 30 }}",
    "{{ '99999999999999999999' | int }}",
    "{{ (-8) ** 0.5 }}",
    "{{ self }}",
    "{{ '%a' % 'é' }}",
]
