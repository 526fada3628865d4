"""The tasks of the model: long derivations whose every token a program can check.

A document is a prompt and its right answer, words separated by blanks. Functions here return both as lists of token
ids; `batch` stacks documents for training; run as a program, this file writes task files for `resa eval`.

worksheet   shuffled definitions, worked out in the order of their numbers; operands are looked up in lines written
            before, values are written out: the text repeats what it needs
ledger      shuffled vouchers (number, account, amount), posted page by page: first the numbers of the page, then for
            each account the amount posted and its new balance. Account and amount of a number are asked for long after
            the number was written, and nothing written tells them: they are in the cache or nowhere
journal     a ledger whose pages name the account of each number: only amounts are in the cache alone
count       numbers in order, from one to another
read        vouchers in order with what they say: the look-up that a ledger does in silence
single, multikey, multivalue, multiquery
            needles, `key NAME #NUMBER ;`, in a haystack of syllables: one; one among many; several of one name, in
            any order; several names
tracking    `let A is #NUMBER ; let B is A ; ...` in a haystack: all names of a number's chain
common      a list of words of which three are frequent: those, in any order
"""

import argparse
import json

import numpy as np

CONSONANTS, VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"
NAMES = [a + v + z for v in VOWELS for a in CONSONANTS for z in "nrl"][:256]
SYLLABLES = [a + v for v in VOWELS for a in CONSONANTS]
NUMBERS = 1024
WORDS = (
    ["<pad>", "<bos>", "<eos>"] + list("0123456789+-=;:")
    + ["solve", "open", "post", "key", "ask", "let", "is", "trace", "common", "who", "what", "count"]
    + [f"#{i}" for i in range(NUMBERS)] + NAMES + SYLLABLES
)
VOCABULARY = {word: i for i, word in enumerate(WORDS)}
PAD, BOS, EOS = 0, 1, 2
DIGIT, NUMBER, NAME, SYLLABLE = (VOCABULARY[w] for w in ("0", "#0", NAMES[0], SYLLABLES[0]))
PLUS, MINUS, EQUALS, END, COLON = (VOCABULARY[w] for w in "+-=;:")
SOLVE, OPEN, POST, KEY, ASK, LET, IS, TRACE, COMMON, WHO, WHAT, COUNT = (
    VOCABULARY[w] for w in "solve open post key ask let is trace common who what count".split())


def ids(text):
    return [VOCABULARY[word] for word in text.split()]


def worksheet(rng, length, **_):
    """Definitions of three operands, modulo 10; 28 tokens a line in all."""
    lines = int(np.clip((length - 5) // 28, 3, len(NAMES)))
    names = NAME + rng.permutation(len(NAMES))[:lines]
    first = int(rng.integers(NUMBERS - lines + 1))
    signs = np.where(rng.random((lines, 2)) < 0.5, PLUS, MINUS)
    digits = rng.integers(10, size=(lines, 3))
    # An operand is a name of a line before, or a digit.
    refers = rng.random((lines, 3)) < np.array([2 / 3, 1 / 3, 1 / 3])
    refers[:3] = False
    target = (rng.random((lines, 3)) * np.arange(lines)[:, None]).astype(int)
    operands = np.where(refers, names[target], DIGIT + digits)
    values = np.zeros(lines, int)
    answer = np.zeros((lines, 19), int)
    for i in range(lines):
        a, b, c = np.where(refers[i], values[target[i]], digits[i])
        between = (a + b if signs[i, 0] == PLUS else a - b) % 10
        values[i] = (between + c if signs[i, 1] == PLUS else between - c) % 10
        answer[i, 9:] = (DIGIT + a, signs[i, 0], DIGIT + b, EQUALS, DIGIT + between,
                         signs[i, 1], DIGIT + c, EQUALS, DIGIT + values[i], END)
    definition = np.stack([names, np.full(lines, EQUALS), operands[:, 0], signs[:, 0], operands[:, 1], signs[:, 1],
                           operands[:, 2]], axis=1)
    number = NUMBER + first + np.arange(lines)
    answer[:, :7], answer[:, 7], answer[:, 8] = definition, number, COLON
    sheet = np.column_stack([number, definition, np.full(lines, END)])[rng.permutation(lines)]
    return join([BOS, *sheet.ravel()], [([SOLVE, number[0], END], [*answer.ravel()])])


def vouchers(rng, length, accounts, ends):
    """Numbers [page, account] in order, names and opening balances of the accounts; 9 tokens a voucher in all."""
    pages = int(np.clip((length - 3 * accounts - 6 - ends) // (9 * accounts + 1), 1, NUMBERS // accounts))
    first = int(rng.integers(NUMBERS - pages * accounts + 1))
    number = (NUMBER + first + np.arange(pages * accounts)).reshape(pages, accounts)
    return number, NAME + rng.permutation(len(NAMES))[:accounts], rng.integers(10, size=accounts)


def statements(names, opening, posted):
    """`NAME amount balance ;` for each account, [page, 4 * account]; balances modulo 10."""
    balance = (opening + np.cumsum(posted, axis=0)) % 10
    lines = [np.broadcast_to(names, posted.shape), DIGIT + posted, DIGIT + balance, np.full(posted.shape, END)]
    return np.stack(lines, axis=-1).reshape(len(posted), -1)


def span(numbers, ends):
    """The first number and, if texts say where they end, the last."""
    return [numbers.flat[0], numbers.flat[-1]] if ends else [numbers.flat[0]]


def opened(names, opening, number, ends):
    return [OPEN, *np.column_stack([names, DIGIT + opening, np.full(len(names), END)]).ravel(),
            POST, *span(number, ends), END]


def ledger(rng, length, accounts=None, ends=True, **_):
    """Page by page, the numbers of vouchers, one for each account, then what they posted; 9 tokens a voucher in all."""
    # Long ledgers have pages of twelve; learning begins with short texts and so with smaller ones.
    accounts = accounts or (12 if ends and length > 1000 else int(rng.integers(3, 17)))
    number, names, opening = vouchers(rng, length, accounts, ends)
    pages, accounts = number.shape
    who = rng.permuted(np.tile(np.arange(accounts), (pages, 1)), axis=1)
    amount = rng.integers(10, size=(pages, accounts))
    end = np.full((pages, accounts), END)
    sheet = np.stack([number, names[who], DIGIT + amount, end], axis=-1).reshape(-1, 4)
    posted = np.take_along_axis(amount, np.argsort(who, axis=1), axis=1)
    answer = np.column_stack([number, end[:, 0], statements(names, opening, posted)])
    return join([BOS, *rng.permutation(sheet).ravel()], [(opened(names, opening, number, ends), [*answer.ravel()])])


def journal(rng, length, accounts=None, ends=True, **_):
    """As a ledger, but the text names the account of each number, and only amounts have to be kept in mind."""
    number, names, opening = vouchers(rng, length, accounts or int(rng.integers(3, 17)), ends)
    amount = rng.integers(10, size=number.shape)
    end = np.full(number.shape, END)
    sheet = np.stack([number, DIGIT + amount, end], axis=-1).reshape(-1, 3)
    page = np.stack([np.broadcast_to(names, number.shape), number], axis=-1).reshape(len(number), -1)
    answer = np.column_stack([page, end[:, 0], statements(names, opening, amount)])
    return join([BOS, *rng.permutation(sheet).ravel()], [(opened(names, opening, number, ends), [*answer.ravel()])])


def read(rng, length, ends=True, **_):
    """Vouchers in order of their numbers, with the account (`who`) or with the amount (`what`) of each."""
    count = int(np.clip((length - 5) // 7, 3, NUMBERS))
    number = NUMBER + int(rng.integers(NUMBERS - count + 1)) + np.arange(count)
    names = NAME + rng.permutation(len(NAMES))[rng.integers(rng.integers(3, 17), size=count)]
    amount, end = DIGIT + rng.integers(10, size=count), np.full(count, END)
    asked, column = (WHO, names) if rng.random() < 0.5 else (WHAT, amount)
    sheet = rng.permutation(np.column_stack([number, names, amount, end]))
    answer = np.column_stack([number, column, end])
    return join([BOS, *sheet.ravel()], [([asked, *span(number, ends), END], [*answer.ravel()])])


def count(rng, length, **_):
    """Numbers in order, from the first to the last that the prompt gives."""
    size = int(np.clip(length - 6, 2, NUMBERS))
    number = NUMBER + int(rng.integers(NUMBERS - size + 1)) + np.arange(size)
    return join([BOS], [([COUNT, number[0], number[-1], COLON], [*number, END])])


def haystack(rng, length, needles):
    """Needles, in order, between syllables."""
    filler = SYLLABLE + rng.integers(len(SYLLABLES), size=max(length - sum(map(len, needles)), len(needles)))
    cuts = np.sort(rng.choice(len(filler), size=len(needles), replace=False))
    text = []
    for part, needle in zip(np.split(filler, cuts), needles + [[]]):
        text += [*part, *needle]
    return text


def keys(rng, length, asked, values=1, others=0, questions=1):
    """Needles of names with `values` numbers each and of `others` with one; questions ask for all of `asked` names."""
    groups = asked if questions == 1 else 2 * asked
    names = NAME + rng.permutation(len(NAMES))[:groups + others]
    numbers = NUMBER + rng.permutation(NUMBERS)[:groups * values + others]
    owners = [*np.repeat(names[:groups], values), *names[groups:]]
    needles = [[KEY, owners[i], numbers[i], END] for i in rng.permutation(len(owners))]
    size = length - questions * (5 * asked * values + 3)
    pieces = [BOS, *haystack(rng, size, needles)]
    dialogue = []
    for _ in range(questions):
        # A name's numbers are given in any order: its needles are interchangeable.
        pool = len(owners) if values == 1 and questions > 1 else groups
        chosen = [g * values + v for g in rng.choice(pool, size=asked, replace=False) for v in rng.permutation(values)]
        dialogue.append(([ASK, *(owners[i] for i in chosen), COLON],
                         [t for i in chosen for t in (owners[i], numbers[i], END)]))
    return join(pieces, dialogue)


def single(rng, length, questions=1, **_):
    return keys(rng, length, 1, questions=questions)


def multikey(rng, length, questions=1, **_):
    return keys(rng, length, 1, others=int(rng.integers(min(length // 12, 200))), questions=questions)


def multivalue(rng, length, questions=1, **_):
    return keys(rng, length, 1, values=4, others=4, questions=questions)


def multiquery(rng, length, questions=1, **_):
    return keys(rng, length, 4, others=4, questions=questions)


def tracking(rng, length, questions=1, chains=3, names_each=5, **_):
    names = (NAME + rng.permutation(len(NAMES))[:chains * names_each]).reshape(chains, names_each)
    numbers = NUMBER + rng.permutation(NUMBERS)[:chains]
    links = [[[LET, name, IS, source, END] for name, source in zip(names[c], [numbers[c], *names[c]])]
             for c in range(chains)]
    # Chains interleave; a link stands after the one that it refers to.
    needles = [links[c].pop(0) for c in rng.permutation(np.repeat(np.arange(chains), names_each))]
    dialogue = [([TRACE, numbers[c], COLON], [t for name in names[c] for t in (name, END)])
                for c in rng.integers(chains, size=questions)]
    return join([BOS, *haystack(rng, length - questions * 14, needles)], dialogue)


def common(rng, length, questions=1, **_):
    words = NAME + rng.permutation(len(NAMES))
    size = length - 6 * questions
    often = max(4, size // 20)
    rest = size - 3 * often
    rare = np.resize(words[3:], rest) if rest > 4 * len(words) else words[3 + rng.integers(len(words) - 3, size=rest)]
    text = rng.permutation([*np.repeat(words[:3], often), *rare])
    # The first question comes when half of the text has been read.
    parts = np.split(text, np.linspace(size // 2, size, questions, dtype=int)[:-1]) if questions > 1 else [text]
    dialogue = [([*part, COMMON, COLON], [*rng.permutation(words[:3]), END]) for part in parts]
    return join([BOS], dialogue)


def join(text, dialogue):
    """The text and its questions and answers as (tokens, scored) pieces; the last answer ends the document."""
    pieces = [(text, False)]
    for question, answer in dialogue:
        pieces += [(question, False), (answer, True)]
    pieces[-1] = (pieces[-1][0] + [EOS], True)
    return pieces


TASKS = {f.__name__: f for f in (worksheet, ledger, journal, read, count, single, multikey, multivalue, multiquery,
                                 tracking, common)}


def batch(seed, mixture, length, ends=True):
    """Rows of `length` + 1 tokens, one document each, and which of them are scored: those of the answers.

    mixture: {task: rows}. Documents take between 60% and all of the length, so that positions vary; several questions
    are asked of one haystack, for more to learn from each.

    ends: whether prompts say where numbers end.
    """
    rng = np.random.default_rng(seed)
    rows = sum(mixture.values())
    tokens = np.zeros((rows, length + 1), np.int64)
    scored = np.zeros((rows, length + 1), bool)
    row = 0
    for task, count in mixture.items():
        for _ in range(count):
            at = 0
            size, questions = int(length * rng.uniform(0.6, 1)), 1 + length // 128
            for piece, answer in TASKS[task](rng, size, questions=questions, ends=ends):
                piece = piece[:length + 1 - at]
                tokens[row, at:at + len(piece)] = piece
                scored[row, at:at + len(piece)] = answer
                at += len(piece)
            row += 1
    return tokens, scored


def document(task, seed, length, **settings):
    """One document for evaluation, as text: prompt and answer. No training seed begins with 'eval'."""
    rng = np.random.default_rng([ord(c) for c in "eval" + task] + [seed, length])
    *prompt, (answer, _) = TASKS[task](rng, length, **settings)
    words = [WORDS[t] for piece, _ in prompt for t in piece]
    return " ".join(words), " ".join(WORDS[t] for t in answer).removesuffix(" <eos>")


def task_line(task, seed, length):
    """A line of a task file for `resa eval`."""
    # Pages of one size, so that texts of a length are alike.
    prompt, answer = document(task, seed, length, **({"accounts": 12} if task in ("ledger", "journal") else {}))
    # A ledger is cut where it should end, so that its last statement is judged alone; other texts must end themselves.
    words = len(answer.split()) + (0 if task in ("ledger", "journal") else 2)
    line = {"id": f"{task}-{length}-{seed}", "prompt": prompt, "max_tokens": words,
            "metadata": {"task": task, "length": length}}
    if task in ("worksheet", "ledger", "journal"):
        # Their checkers work the answer out from the prompt.
        line["checker"] = "worksheet" if task == "worksheet" else "ledger"
    else:
        # RULER counts what is contained, in any order.
        line["answer"] = answer.split() if task == "common" else [a.strip() for a in answer.split(";") if a.strip()]
        line["answer"] = [a for a in line["answer"] if a != ";"]
        line["checker"] = "contains"
    return json.dumps(line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Writes documents as a task file (JSONL) to standard output.")
    parser.add_argument("task", nargs="+", choices=TASKS)
    parser.add_argument("--length", type=int, nargs="+", default=[4096], help="tokens of prompt and answer, at most")
    parser.add_argument("--each", type=int, default=24, help="documents of each task and length")
    parser.add_argument("--seed", type=int, default=0, help="of the first document")
    options = parser.parse_args()
    for name in options.task:
        for size in options.length:
            for number in range(options.seed, options.seed + options.each):
                print(task_line(name, number, size))
