package cloudflaresim

import (
	"fmt"
	"strings"
	"testing"
)

// written is an operation in one fixed form.
func written(op *operation) string {
	var b strings.Builder
	b.WriteString(op.name)
	for _, v := range op.variables {
		fmt.Fprintf(&b, " $%s:%s=%v", v.name, v.kind, v.fallback)
	}
	writeFields(&b, op.fields)
	return b.String()
}

func writeFields(b *strings.Builder, all []*field) {
	b.WriteString("{")
	for i, f := range all {
		if i > 0 {
			b.WriteString(" ")
		}
		if f.alias != f.name {
			b.WriteString(f.alias + ":")
		}
		b.WriteString(f.name)
		if f.args != nil {
			fmt.Fprintf(b, "%v", f.args) // fmt sorts maps
		}
		if f.fields != nil {
			writeFields(b, f.fields)
		}
	}
	b.WriteString("}")
}

func TestQueriesAreParsed(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, query, want string }{
		{"shorthand", `{a}`, `{a}`},
		{"without a name", `query{a b,c}`, `{a b c}`},
		{"name and variables", `query Q($a: string!, $b: [uint64!]! = [1, 2], $c: Time = null) { a }`, `Q $a:string!=<nil> $b:[uint64!]!=[1 2] $c:Time=<nil>{a}`},
		{"alias and arguments", `{x:a(n:1,f:-2.5e3,s:"t",t:true,u:false,e:sum_DESC,z:null,v:$q)}`, `{x:amap[e:sum_DESC f:-2500 n:1 s:t t:true u:false v:q z:<nil>]}`},
		{"lists and objects", `{a(l:[],m:[[1],{x:"y"}],o:{})}`, `{amap[l:[] m:[[1] map[x:y]] o:map[]]}`},
		{"nesting", `{a{b{c}d}}`, `{a{b{c} d}}`},
		{"empty arguments", `{a()}`, `{amap[]}`},
		{"comments, commas and lines", "# first\r\n{ # in\n a,,,\tb # {\n}# last", `{a b}`},
		{"escapes", `{a(s:"\"\\\n\t\u00e9")}`, "{amap[s:\"\\\n\té]}"},
		{"names with digits and dashes below", `{_a1(b_2:3)}`, `{_a1map[b_2:3]}`},
	}
	for _, tt := range tests {
		doc, err := parse(tt.query)
		if err != nil || len(doc.operations) != 1 {
			t.Errorf("%s: got %v, %v", tt.name, doc, err)
			continue
		}
		if got := written(doc.operations[0]); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	doc, err := parse(`query A{a} query B{b}`)
	if err != nil || len(doc.operations) != 2 || doc.operations[1].name != "B" {
		t.Errorf("two operations: got %+v, %v", doc, err)
	}
}

func TestSyntaxErrorsSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	deep := func(open, shut string, n int) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	tests := []struct{ name, query, says string }{
		{"nothing", ``, "no operation"},
		{"a comment alone", `# {a}`, "no operation"},
		{"no selection", `query`, `expected {, found "end of query"`},
		{"an empty selection", `{}`, "expected a field"},
		{"an open selection", `{a`, `expected a name, found "end of query"`},
		{"a mutation", `mutation{a}`, `expected query, found "mutation"`},
		{"a fragment", `{...F}`, `expected a token, found "."`},
		{"a directive", `{a@skip}`, `expected a token, found "@"`},
		{"an alias without a field", `{a:}`, `expected a name, found "}"`},
		{"an argument without a value", `{a(b:)}`, `expected a value, found ")"`},
		{"an argument without a colon", `{a(b 1)}`, `expected :, found "1"`},
		{"a variable without a type", `query($a){a}`, `expected :, found ")"`},
		{"a list type that does not end", `query($a:[b){a}`, `expected ], found ")"`},
		{"a number that is none", `{a(b:1.2.3)}`, "expected a number"},
		{"a number beyond all bounds", `{a(b:1e999)}`, "expected a number"},
		{"a string without an end", `{a(b:"x)}`, "expected the end of a string"},
		{"a string over two lines", "{a(b:\"x\ny\")}", "expected the end of a string"},
		{"an escape that is none", `{a(b:"\q")}`, "expected a string"},
		{"something after the end", `{a} }`, `expected {, found "}"`},
		{"on the third line", "{\na\n!}", "line 3"},
		{"too deep", deep("{a", "}", 40), "expected fewer levels"},
		{"values too deep", `{a(b:` + deep("[", "]", 40) + `)}`, "expected fewer levels"},
		{"not UTF-8", "{a(b:\"\xff\")}", "not valid UTF-8"},
	}
	for _, tt := range tests {
		if doc, err := parse(tt.query); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, %v, want %q", tt.name, doc, err, tt.says)
		}
	}
}

func TestVariablesTakeTheirPlaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		values      map[string]any
		want, says  string
	}{
		{"given", `query($a:string!){f(x:$a)}`, map[string]any{"a": "v"}, `{fmap[x:v]}`, ""},
		{"by default", `query($a:string="d"){f(x:$a)}`, nil, `{fmap[x:d]}`, ""},
		{"given over the default", `query($a:string="d"){f(x:$a)}`, map[string]any{"a": "v"}, `{fmap[x:v]}`, ""},
		{"null over the default", `query($a:string="d"){f(x:$a)}`, map[string]any{"a": nil}, `{fmap[x:<nil>]}`, ""},
		{"within lists and objects", `query($a:uint64){f(x:[{y:$a},$a]){g(z:$a)}}`, map[string]any{"a": 1.0}, `{fmap[x:[map[y:1] 1]]{gmap[z:1]}}`, ""},
		{"left out", `query($a:string){f(x:$a)}`, nil, `{fmap[x:<nil>]}`, ""},
		{"required and left out", `query($a:string!){f}`, nil, "", `variable "a" is required`},
		{"required and null", `query($a:string!){f}`, map[string]any{"a": nil}, "", `variable "a" is required`},
		{"never declared", `{f(x:$a)}`, map[string]any{"a": 1}, "", `variable "a" is not declared`},
		{"two never declared", `{f(x:[$a,$b])}`, nil, "", `variable "b" is not declared`},
		{"given and unused", `{f}`, map[string]any{"a": 1}, `{f}`, ""},
	}
	for _, tt := range tests {
		doc, err := parse(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		op := doc.operations[0]
		switch bad := op.bind(tt.values); {
		case bad != nil:
			if tt.says == "" || !strings.Contains(bad.message, tt.says) || bad.status != 400 {
				t.Errorf("%s: got %d %q, want %q", tt.name, bad.status, bad.message, tt.says)
			}
		case tt.says != "":
			t.Errorf("%s: no error, want %q", tt.name, tt.says)
		default:
			var b strings.Builder
			if writeFields(&b, op.fields); b.String() != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, b.String(), tt.want)
			}
		}
	}
}

func TestPatternsAreThoseOfSQL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"api", "api", true}, {"api", "apis", false}, {"api%", "apis", true}, {"api%", "my-api", false},
		{"%api", "my-api", true}, {"%api", "apis", false}, {"%pi%", "apis", true}, {"%pi%", "ap", false},
		{"%", "anything", true}, {"%", "", true}, {"", "", true}, {"", "x", false},
	}
	for _, tt := range tests {
		if got := like(tt.pattern, tt.s); got != tt.want {
			t.Errorf("%q like %q: got %v", tt.s, tt.pattern, got)
		}
	}
}
