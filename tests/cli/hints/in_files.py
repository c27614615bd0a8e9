"""Mistakes in files, each with the edit that its hint asks for."""

from __future__ import annotations

from typing import NamedTuple

_HEAD = "version: 1\norganization: {name: Acme}\n"


class Mistake(NamedTuple):
    """A text in the file, the hint that `orgsync validate` gives, and what replaces which part of the text.

    `says` is the part of the hint that tells it, or the whole of what is typed. Where it leaves something to the
    person (`…`, NAME), `new` is what they type.
    """

    hint: str
    text: str
    old: str
    says: str
    new: str | None = None

    @property
    def file(self) -> str:
        """What is in the file: the text, below what makes it a root file unless it is about that."""
        return _whole(self.text)

    @property
    def mended(self) -> str:
        """The same once somebody has done what the hint says."""
        assert self.text.count(self.old) == 1
        return _whole(self.text.replace(self.old, self.says if self.new is None else self.new))


def _whole(text: str) -> str:
    return f"{text}\n" if text.startswith("version:") else f"{_HEAD}{text}\n"


_ACCEPT = "accept: [{address: 'member:*', reason: r, until: 2099-01-01, "
_WAIVER = "key_policies: {p: {must_expire: true}}\nwaivers: [{policy: p, "
_UNDECLARED = "manage: {members: authoritative}\nmembers: {}\nworkspaces: {w: {members: {ana@acme.com: user}}}"
_GLOBS = (
    "write a line for each; globs belong in `match` of a key policy, `guards.protect` and `accept`. "
    "If an existing {} has exactly this name, add its `id:`"
)
MEAN = 'did you mean "{}"?'

MISTAKES = (
    Mistake(MEAN, "membrs: {}", "membrs", "members"),
    Mistake(MEAN, "members: {ana@acme.com: amin}", "amin", "admin"),
    Mistake(MEAN, "manage: {members: additve}", "additve", "additive"),
    Mistake(MEAN, "manage: {member: additive}", "member:", "members", "members:"),
    Mistake(MEAN, "teams: {core: []}\nmembers: {'team:cor': user}", "team:cor", "core", "team:core"),
    Mistake(MEAN, "workspaces: {w: {colr: '#6C5BB9'}}", "colr", "color"),
    Mistake(MEAN, "workspaces: {w: {api_key: {}}}", "api_key", "api_keys"),
    Mistake(MEAN, "console: {curency: USD}", "curency", "currency"),
    Mistake(MEAN, "console: {usage_tier: Scal}", "Scal", "Scale"),
    Mistake(MEAN, "guards: {allow: [{address: 'wrkspace:w', reason: r}]}", "wrkspace", "workspace"),
    Mistake(MEAN, "guards: {protect: ['membr:*']}", "membr:", "member", "member:"),
    Mistake(MEAN, "accept: [{address: 'console:sssso', reason: r, until: 2099-01-01}]", "sssso", "sso"),
    Mistake(
        MEAN,
        f"{_ACCEPT}code: undeclred}}]",
        "undeclred",
        "undeclared",
    ),
    Mistake(MEAN, "key_policies: {p: {must_expir: true}}", "must_expir", "must_expire"),
    Mistake(MEAN, "key_policies: {p: {then: reprt, must_expire: true}}", "reprt", "report"),
    Mistake(MEAN, "guards: {allow: [{addres: 'workspace:w', reason: r}]}", "addres:", "address", "address:"),
    Mistake(
        "add {}: {}",
        "guards: {allow: [{address: 'workspace:w'}]}",
        "'workspace:w'",
        "reason: …",
        "'workspace:w', reason: r",
    ),
    Mistake("add {}: {}", "members: {ana@acme.com: {}}", "{}", "role: user", "{role: user}"),
    Mistake('did you mean "{}{}"?', "key_policies: {p: {max_age: 90D}}", "90D", "90d"),
    Mistake(
        'did you mean "team:{}"?',
        "teams: {core: []}\nmembers: {core: user}",
        "{core: user",
        "team:core",
        "{'team:core': user",
    ),
    Mistake("known keys: {}", "guards: {zzzzz: 1}", "zzzzz", "min_admins"),
    Mistake(
        "delete the line, or use another code",
        f"{_ACCEPT}code: reserved_domain}}]",
        ", code: reserved_domain",
        "delete",
        "",
    ),
    Mistake(
        "delete the line to accept all fields",
        f"{_ACCEPT}fields: []}}]",
        ", fields: []",
        "delete",
        "",
    ),
    Mistake('put it in quotes: "{}"', "console: {currency: 5}", "5", '"5"'),
    Mistake('put it in quotes: "{}"', "workspaces: {w: {tags: {year: 2026}}}", "2026", '"2026"'),
    Mistake("write {}", "console: {sso: true}", "true", "on"),
    Mistake(
        'write the value that the Console must show, such as "{}"',
        "console: {currency: }",
        "currency: ",
        "USD",
        "currency: USD",
    ),
    Mistake("write {} if there are no settings", "workspaces: {w: }", "w: ", "{}", "w: {}"),
    Mistake("write a {}, or delete the line", "members: {ana@acme.com: }", "com: ", "role", "com: admin"),
    Mistake("write a {}, or delete the line", "members: {ana@acme.com: }", "ana@acme.com: ", "delete", ""),
    Mistake(
        'add a line for "{}", which takes precedence over teams',
        "teams: {a: [ana@acme.com], b: [ana@acme.com]}\nmembers: {'team:a': user, 'team:b': admin}",
        "members: {",
        "ana@acme.com",
        "members: {ana@acme.com: user, ",
    ),
    Mistake(
        "use an e-mail address, or team:NAME for a team",
        "members: {ana: user}",
        "ana",
        "e-mail address",
        "ana@acme.com",
    ),
    Mistake(
        "declare the team under teams",
        "members: {'team:a': user}",
        "members",
        "teams",
        "teams: {a: [ana@acme.com]}\nmembers",
    ),
    Mistake('write requires: ">=0.2"', "requires: 0.2", "requires: 0.2", 'requires: ">=0.2"'),
    Mistake(
        "list its people instead", "teams: {a: [ana@acme.com], b: ['team:a']}", "'team:a'", "people", "ana@acme.com"
    ),
    Mistake(
        "write address: … for one change, or guard: max_grants with count: … and until: …",
        "guards: {allow: [{reason: r}]}",
        "{reason",
        "address: …",
        "{address: 'workspace:w', reason",
    ),
    Mistake(
        "write address: … for one change, or guard: max_grants with count: … and until: …",
        "guards: {allow: [{reason: r}]}",
        "{reason",
        "guard: max_grants",
        "{guard: max_grants, count: 9, until: 2099-01-01, reason",
    ),
    Mistake(
        "add count: … and until: …",
        "guards: {allow: [{guard: max_grants, reason: r}]}",
        "{guard",
        "count: … and until: …",
        "{count: 9, until: 2099-01-01, guard",
    ),
    Mistake(
        "delete count: …, or write guard: max_grants",
        "guards: {allow: [{address: 'workspace:w', count: 3, reason: r}]}",
        "count: 3, ",
        "delete",
        "",
    ),
    Mistake(
        "write its former name, or delete renamed_from",
        "workspaces: {w: {renamed_from: w}}",
        "renamed_from: w",
        "delete",
        "",
    ),
    Mistake(
        "delete one of the two; to use the name again at once, write `id:` instead of renamed_from",
        "workspaces: {w: {}, x: {renamed_from: w}}",
        "w: {}, ",
        "delete",
        "",
    ),
    Mistake(
        "delete one of the two; to use the name again at once, write `id:` instead of renamed_from",
        "workspaces: {w: {}, x: {renamed_from: w}}",
        "renamed_from: w",
        "`id:`",
        "id: wrkspc_1",
    ),
    Mistake(
        "write only the day: {}",
        "members: {ana@acme.com: {role: user, until: 2099-01-01T10:00:00Z}}",
        "2099-01-01T10:00:00Z",
        "2099-01-01",
    ),
    Mistake(
        "add the unit: {}d is in days, {}h in hours, {}w in weeks", "key_policies: {p: {max_age: 90}}", "90", "90d"
    ),
    Mistake("write a number and h, d or w: 12h, 90d, 4w", "key_policies: {p: {max_age: soon}}", "soon", "90d"),
    Mistake("it looks like {}", "workspaces: {w: {color: red}}", "red", "#6C5BB9", "'#6C5BB9'"),
    Mistake("write a list of one as [{}]", "teams: {a: ana@acme.com}", "ana@acme.com", '["ana@acme.com"]'),
    Mistake(
        'write something, or delete the line; what begins with "#" is a comment, unless it is in quotes',
        f"{_WAIVER}key: 'api_key:w/k', until: 2099-01-01, reason: }}]",
        "reason: ",
        "something",
        "reason: r",
    ),
    Mistake("write the number alone: {}", "guards: {max_removals: {percent: 25%}}", "25%", "25"),
    Mistake("write the key as text, in quotes if need be", "teams: {[5]: []}", "[5]", "in quotes", "'5'"),
    Mistake(
        "if it is text, put it in quotes", "workspaces: {w: {tags: {a: 1e99999}}}", "1e99999", "quotes", "'1e99999'"
    ),
    Mistake(
        "define it with &{} before the value; put text that begins with * in quotes",
        "guards: {protect: [*members]}",
        "*members",
        "quotes",
        "'*members'",
    ),
    Mistake("remove the tag; put text that begins with ! in quotes", "teams: {a: !!seq []}", "!!seq ", "remove", ""),
    Mistake("write <<: *name", "workspaces: {a: &a {}, b: {<<: [1]}}", "[1]", "*name", "*a"),
    Mistake(
        "for more than one, write <<: [*one, *two]",
        "workspaces: {a: &a {}, b: &b {}, c: {<<: *a, <<: *b}}",
        "<<: *a, <<: *b",
        "<<: [*one, *two]",
        "<<: [*a, *b]",
    ),
    Mistake('remove it, or write \\u{} inside "double quotes"', "workspaces: {w\ufeff: {}}", "\ufeff", "remove", ""),
    Mistake("keep one of the two", "teams: {a: [], a: []}", ", a: []", "keep one", ""),
    Mistake("write digits and a decimal point, without quotes: 5000 or 19.99", "spend_limit: '5000'", "'5000'", "5000"),
    Mistake("use 0 to allow only what is included", "spend_limit: -5", "-5", "0"),
    Mistake("delete `renamed_from`", "workspaces: {Default: {renamed_from: x}}", "renamed_from: x", "delete", ""),
    Mistake("delete `archived`", "workspaces: {Default: {archived: true}}", "archived: true", "delete", ""),
    Mistake(
        "declare the person there, or remove this line",
        _UNDECLARED,
        "\nmembers: {}",
        "declare the person there",
        "\nmembers: {ana@acme.com: user}",
    ),
    Mistake(
        "declare the person there, or remove this line",
        _UNDECLARED,
        "ana@acme.com: user",
        "remove",
        "",
    ),
    Mistake("put it in single quotes: '^[a-z0-9-]+$'", "key_policies: {p: {name: 5}}", "5", "single quotes", "'^5$'"),
    Mistake(
        "write api_key:WORKSPACE/NAME; * matches any",
        f"{_WAIVER}key: ci, until: 2099-01-01, reason: r}}]",
        "key: ci",
        "api_key:WORKSPACE/NAME",
        "key: 'api_key:w/ci'",
    ),
    Mistake("rules: {}", "key_policies: {p: {}}", "p: {", "must_expire", "p: {must_expire: true"),
    Mistake(
        "use it with {}",
        "key_policies: {p: {max_active: 5, warn_before: 7d}}",
        "max_active: 5",
        "max_age",
        "max_active: 5, max_age: 90d",
    ),
    Mistake(
        "write the address of that key, or no id",
        f"{_WAIVER}key: 'api_key:w/*', id: apikey_1, until: 2099-01-01, reason: r}}]",
        "w/*",
        "address of that key",
        "w/k",
    ),
    Mistake(
        "write the address of that key, or no id",
        f"{_WAIVER}key: 'api_key:w/*', id: apikey_1, until: 2099-01-01, reason: r}}]",
        "id: apikey_1, ",
        "no id",
        "",
    ),
    Mistake(
        "write then: report, or max_active: 0",
        "key_policies: {p: {max_active: 5, then: archive}}",
        "then: archive",
        "then: report",
    ),
    Mistake(
        "write then: report, or max_active: 0",
        "key_policies: {p: {max_active: 5, then: archive}}",
        "max_active: 5",
        "max_active: 0",
    ),
    Mistake(
        "delete the line if keys may have no expiry",
        "key_policies: {p: {must_expire: false, max_age: 90d}}",
        "must_expire: false, ",
        "delete",
        "",
    ),
    Mistake("write {}d", "key_policies: {p: {unused_for: 36h}}", "36h", "2d"),
    Mistake(
        "addresses have the form {}",
        "guards: {allow: [{address: w, reason: r}]}",
        "w,",
        "workspace:NAME",
        "'workspace:w',",
    ),
    Mistake(
        'write {}, or {} if "/" is part of the name',
        "guards: {allow: [{address: 'workspace:a/b', reason: r}]}",
        "workspace:a/b",
        "workspace:a%2Fb",
    ),
    Mistake(
        'write {}, or {} if "/" is part of the name',
        "guards: {allow: [{address: 'api_key:w/a/b', reason: r}]}",
        "w/a/b",
        "api_key:w/a%2Fb",
        "w/a%2Fb",
    ),
    Mistake(
        "write {}",
        "guards: {allow: [{address: 'api_key:w', reason: r}]}",
        "api_key:w",
        "api_key:NAME/NAME",
        "api_key:w/k",
    ),
    Mistake("write {}, without quotes", "workspaces: {w: {archived: 'yes'}}", "'yes'", "true"),
    Mistake(
        'did you mean "{}", without the prefix?',
        "workspaces: {w: {members: {ana@acme.com: workspace_admin}}}",
        "workspace_admin",
        "admin",
    ),
    Mistake('write "{}"', "workspaces: {' w': {}}", "' w'", '"w"'),
    Mistake(
        'remove the "---", or give a folder of files instead', "teams: {}\n---\nmembers: {}", "---\n", "remove", ""
    ),
    Mistake("write version: {}", "version: 2\norganization: {name: Acme}", "version: 2", "version: 1"),
    Mistake("add id: …, name: … or both", "version: 1\norganization: {}", "{}", "name: …", "{name: Acme}"),
    Mistake(
        "write the UUID that the Console shows for the organization, or its name as `name`",
        "version: 1\norganization: {id: Acme}",
        "id",
        "`name`",
        "name",
    ),
    Mistake(
        "delete the line if it should stay as it is: what is not written is not managed",
        "spend_limit:",
        "spend_limit:",
        "delete the line",
        "",
    ),
    Mistake(
        _GLOBS,
        "workspaces: {'chat-*': {}}",
        "'chat-*'",
        "a line for each",
        "chat-a",
    ),
    Mistake(
        "write a single rule beside `match`, without `all`",
        "key_policies: {p: {all: {max_age: 90d}}}",
        "all: {max_age: 90d}",
        "a single rule",
        "max_age: 90d",
    ),
)
