package azuresim

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"Resources":              "i:Resources",
		"a|b":                    "i:a o:| i:b",
		"a == 'b'":               "i:a o:== s:b",
		"a=~'b' and c!~\"d\"":    "i:a o:=~ s:b i:and i:c o:!~ s:d",
		"x>=1.5<=2<3>4":          "i:x o:>= n:1.5 o:<= n:2 o:< n:3 o:> n:4",
		"n=count()":              "i:n o:= i:count o:( o:)",
		"a // to the end\n| b":   "i:a o:| i:b",
		"a // to the end":        "i:a",
		"a / b":                  "i:a o:/ i:b",
		`'it\'s' "a\"b" 'c\\d'`:  `s:it's s:a"b s:c\d`,
		"'not closed":            "s:not closed",
		"properties.a[0]['b-c']": "i:properties o:. i:a o:[ n:0 o:] o:[ s:b-c o:]",
		"_under größe é1":        "i:_under i:größe i:é1",
		"project-away x":         "i:project o:- i:away i:x",
		"a !in~ (1)":             "i:a o:! i:in o:~ o:( n:1 o:)",
		"\t a \r\n b ":           "i:a i:b",
	} {
		var got []string
		tokens := scan(text)
		for _, k := range tokens[:len(tokens)-1] {
			got = append(got, string(k.kind)+":"+k.text)
		}
		if last := tokens[len(tokens)-1]; strings.Join(got, " ") != want || last.kind != 0 {
			t.Errorf("%q: got %q and %q at the end, want %q", text, strings.Join(got, " "), last.text, want)
		}
	}
}

func TestQueriesThatAreNoneSayWhereTheyGoWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                                       `"<EOF>" (0)`,
		"| where a":                                              `"|" (0)`,
		"'Resources'":                                            `"Resources" (0)`,
		"Resources where a":                                      `"where" (10)`,
		"Resources |":                                            `"<EOF>" (11)`,
		"Resources | nothing":                                    `"nothing" (12)`,
		"Resources | where":                                      `"<EOF>" (17)`,
		"Resources | where a ==":                                 `"<EOF>" (22)`,
		"Resources | where a == b c":                             `"c" (25)`,
		"Resources | where (a == b":                              `"<EOF>" (25)`,
		"Resources | where a in 'b'":                             `"b" (23)`,
		"Resources | where a in ('b' 'c')":                       `"c" (28)`,
		"Resources | where a ! b":                                `"b" (22)`,
		"Resources | where a[":                                   `"<EOF>" (20)`,
		"Resources | where a['b'":                                `"<EOF>" (23)`,
		"Resources | where a.1":                                  `"1" (20)`,
		"Resources | where nosuch(a)":                            `"nosuch" (18)`,
		"Resources | where tolower()":                            `"tolower" (18)`,
		"Resources | where iff(a, b)":                            `"iff" (18)`,
		"Resources | where a matches 'b'":                        `"b" (28)`,
		"Resources | where a matches regex b":                    `"b" (34)`,
		"Resources | where a matches regex '('":                  `"(" (34)`,
		"Resources | where 1.2.3 == a":                           `"1.2.3" (18)`,
		"Resources | order a":                                    `"a" (18)`,
		"Resources | order by a nulls":                           `"<EOF>" (28)`,
		"Resources | order by a nulls middle":                    `"middle" (29)`,
		"Resources | take -1":                                    `"-" (17)`,
		"Resources | take":                                       `"<EOF>" (16)`,
		"Resources | top by a":                                   `"by" (16)`,
		"Resources | top 3 a":                                    `"a" (18)`,
		"Resources | project":                                    `"<EOF>" (19)`,
		"Resources | project a,":                                 `"<EOF>" (22)`,
		"Resources | project-away 'a'":                           `"a" (25)`,
		"Resources | project-keep a":                             `"keep" (20)`,
		"Resources | summarize":                                  `"<EOF>" (21)`,
		"Resources | summarize name":                             `"<EOF>" (26)`,
		"Resources | summarize tolower(name)":                    `"<EOF>" (35)`,
		"Resources | summarize count(1)":                         `"count" (22)`,
		"Resources | union ResourceContainers":                   `"ResourceContainers" (18)`,
		"Resources | union kind (A)":                             `"(" (23)`,
		"Resources | union (A":                                   `"<EOF>" (20)`,
		"Resources | join (A)":                                   `"<EOF>" (20)`,
		"Resources | join kind=inner (A) on":                     `"<EOF>" (34)`,
		"Resources | join (A) on $left.a":                        `"$" (24)`,
		"Resources" + strings.Repeat(" | count", longest+1):      `"count" (` + fmt.Sprint(9+8*longest+3) + `)`,
		"Resources" + strings.Repeat(" | mv-expand a", widest+1): `"a" (64)`,
		"Resources | where " + strings.Repeat("(", deepest+2):    `"(" (` + fmt.Sprint(18+deepest-1) + `)`,
		strings.Repeat("A | union (", deepest+2):                 `"A" (` + fmt.Sprint(11*deepest) + `)`,
	} {
		_, err := parse(text)
		if err == nil || err.Error() != "syntax error at "+want {
			t.Errorf("%.60q: got %v, want an error at %s", text, err, want)
		}
	}
}

func TestNamesOfColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a":                              "a",
		"a.b.c":                          "a_b_c",
		"a[0].b":                         "a_0_b",
		"a['b-c']":                       "a_b-c",
		"n=a.b":                          "n",
		"tostring(a.b)":                  "a_b",
		"tolower(tostring(a))":           "a",
		"strcat(a, b)":                   "Column1",
		"'x'":                            "Column1",
		"a, strcat(a, b), n=1":           "a,Column2,n",
		"not(a == b)":                    "Column1",
		"properties.agentPoolProfiles":   "properties_agentPoolProfiles",
		"x = a == b":                     "x",
		"array_length(a.b), coalesce(a)": "a_b,a",
	} {
		var got []string
		if err := parsing(scan(text), func(p *parser) {
			for _, c := range p.columns() {
				got = append(got, c.name)
			}
		}); err != nil || strings.Join(got, ",") != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
}

// sample is a row with a value of every kind.
func sampleRow() (*scope, *record) {
	cells := map[string]any{
		"word": "Größe", "lower": "größe", "none": nil, "one": 1, "big": int64(1 << 40), "half": 0.5, "yes": true, "no": false,
		"list": []any{"a", "b", 3}, "bag": map[string]any{"k": map[string]any{"deep": "x"}, "n": 2}, "tags": map[string]string{"Cost Center": "4711"},
		"lazy": lazy(func() any { return map[string]any{"later": "now"} }), "digits": "12", "decimal": "1.5", "empty": "",
	}
	s := &scope{evals: map[string]eval{}}
	for name := range cells {
		s.evals[name] = func(r *record) any { return r.cells[name] }
	}
	return s, &record{cells: cells}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	s, row := sampleRow()
	for text, want := range map[string]any{
		// equality, with and without regard to case
		"word == 'Größe'": true, "word == 'größe'": false, "word =~ 'GRÖSSE'": false, "word =~ 'GRÖßE'": true,
		"word != lower": true, "word !~ lower": false, "none == ''": true, "one == 1": true, "one == '1'": true, "one != 1": false,
		"half == 0.5": true, "yes == true": true, "yes == false": false, "yes =~ 'TRUE'": true, "big == 1099511627776": true,
		"one =~ 1": true, "one !~ 2": true,
		// order
		"one < 2": true, "one <= 1": true, "one > 1": false, "one >= 1": true, "digits < '2'": true, "word >= 'G'": true, "word <= 'G'": false,
		"word > 'A'": true, "half < one": true,
		// parts of words
		"word contains 'RÖ'": true, "word contains 'x'": false, "word !contains 'x'": true, "word startswith 'gr'": true,
		"word !startswith 'gr'": false, "word endswith 'SSE'": false, "word endswith 'ße'": true, "word has 'größe'": true, "word !has 'nothing'": true,
		"list contains 'b'": true, "bag contains 'deep'": true, "none contains ''": true, "contains(word, 'röß')": true, "startswith(word, 'x')": false,
		"endswith(word, 'e')": true, "substringof('rö', word)": true, "word has_any ('x', 'GRÖßE')": true, "word has_any ('x')": false, "word has_any ()": false,
		"word matches regex '^G.+e$'": true, "word matches regex '^g'": false,
		// lists
		"word in ('a', 'Größe')": true, "word in ('größe')": false, "word in~ ('größe')": true, "word !in ('a')": true, "word !in~ ('GRÖßE')": false,
		"one in (1, 2)": true, "one in ('1')": true, "word in ()": false, "one in (half, one)": true,
		// logic
		"yes and yes": true, "yes and no": false, "no or yes": true, "no or no": false, "not(yes)": false, "not(none)": true, "word and yes": false,
		"no and no or yes": true, "no and (no or yes)": false, "yes or no and no": true, "((yes))": true, "true": true, "false": false,
		// paths
		"bag.k.deep": "x", "bag['k'].deep": "x", "bag.k['deep']": "x", "bag.none": nil, "bag.k.none.none": nil, "word.length": nil, "list[0]": "a",
		"list[2]": 3, "list[9]": nil, "list['a']": nil, "bag[0]": nil, "tags['Cost Center']": "4711", "tags.none": nil, "none.a[0].b": nil,
		"lazy.later": "now", "lazy['later']": "now", "lazy.none": nil, "list[one]": "b", "list[half]": "a", "bag[strcat('k')]": map[string]any{"deep": "x"},
		// functions
		"tolower(word)": "größe", "toupper(lower)": "GRÖßE", "tostring(one)": "1", "tostring(half)": "0.5", "tostring(yes)": "true", "tostring(none)": "",
		"tostring(list)": `["a","b",3]`, "tostring(bag.k)": `{"deep":"x"}`, "toint(digits)": 12.0, "toint(decimal)": 1.0, "tolong('x')": nil, "toint(half)": 0.0,
		"todouble(decimal)": 1.5, "todouble(word)": nil, "tobool('TRUE')": true, "tobool(no)": false, "strlen(word)": 5.0, "strlen(none)": 0.0,
		"isempty(empty)": true, "isempty(word)": false, "isempty(none)": true, "isnotempty(word)": true, "isnull(none)": true, "isnull(empty)": false,
		"isnotnull(one)": true, "array_length(list)": 3.0, "array_length(word)": nil, "array_length(bag.none)": nil, "todynamic(one)": 1, "parse_json(word)": "Größe",
		"bag_keys(bag)": []any{"k", "n"}, "bag_keys(tags)": []any{"Cost Center"}, "bag_keys(list)": nil,
		"coalesce(none, empty, word)": "", "coalesce(none, none)": nil, "coalesce(one)": 1, "strcat(word, '-', one, none)": "Größe-1",
		"iff(yes, one, half)": 1, "iif(no, one, half)": 0.5, "case(no, 'a', yes, 'b', 'c')": "b", "case(no, 'a', no, 'b', 'c')": "c", "case(no, 'a', no, 'b')": nil,
		"split('a,b', ',')": []any{"a", "b"}, "split('a,b', ',', 1)": []any{"b"}, "split('a,b', ',', 2)": []any{}, "split(none, ',')": []any{""},
		"split('a,b', ',')[1]": "b",
		// literals
		"'x'": "x", `"it's"`: "it's", "1.5": 1.5, "42": 42.0,
	} {
		var e expr
		if err := parsing(scan(text), func(p *parser) { e = p.expr() }); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		f, err := s.compile(e)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f(row); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", text, got, want)
		}
	}
}

func TestNamesThatNoColumnHas(t *testing.T) {
	t.Parallel()
	s, _ := sampleRow()
	for _, text := range []string{"nosuch", "nosuch.a", "tolower(nosuch)", "word == nosuch", "word in (nosuch)", "list[nosuch]", "iff(yes, one, nosuch)"} {
		var e expr
		if err := parsing(scan(text), func(p *parser) { e = p.expr() }); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if _, err := s.compile(e); err == nil || err.Error() != "Failed to resolve scalar expression named 'nosuch'" {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for _, names := range [][]string{{"a"}, {"a", "b"}} {
		if _, err := odata("c eq 'x'", names...); err == nil {
			t.Errorf("%v: a filter may name another column", names)
		}
	}
}

// rowsOf makes a table of numbered rows.
func rowsOf(cells ...map[string]any) *table {
	t := &table{}
	t.cells([]string{"a", "b"}, cells)
	return t
}

// apply runs `Rows | <text>` over a table.
func (t *table) try(text string) (string, error) {
	q, err := parse("Rows | " + text)
	if err != nil {
		return "", err
	}
	for i := range q.stages {
		if err := t.apply(&q.stages[i], nil); err != nil {
			return "", err
		}
	}
	var page struct{ Data json.RawMessage }
	err = json.Unmarshal(t.page(0, len(t.rows), "", false, nil), &page)
	return string(page.Data), err
}

func TestOperators(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"where a > 1":              `[{"a":3,"b":"x"},{"a":2,"b":"Y"}]`,
		"where b == 'y' or a == 3": `[{"a":3,"b":"x"}]`,
		"project b":                `[{"b":"x"},{"b":"Y"},{"b":"x"},{"b":null}]`,
		"project a, a=b":           `[{"a":"x"},{"a":"Y"},{"a":"x"},{"a":null}]`,
		"extend c=tostring(a) | project c | take 1": `[{"c":"3"}]`,
		"extend a=b | take 1":                       `[{"a":"x","b":"x"}]`,
		"project-away a | distinct b":               `[{"b":"x"},{"b":"Y"},{"b":null}]`,
		"distinct tolower(b)":                       `[{"b":"x"},{"b":"y"},{"b":""}]`,
		"order by a asc | project a":                `[{"a":1},{"a":1},{"a":2},{"a":3}]`,
		"order by a | project a":                    `[{"a":3},{"a":2},{"a":1},{"a":1}]`,
		"sort by b asc, a desc":                     `[{"a":1,"b":null},{"a":3,"b":"x"},{"a":1,"b":"x"},{"a":2,"b":"Y"}]`,
		"order by b desc nulls last, a asc":         `[{"a":2,"b":"Y"},{"a":1,"b":"x"},{"a":3,"b":"x"},{"a":1,"b":null}]`,
		"top 2 by a":                                `[{"a":3,"b":"x"},{"a":2,"b":"Y"}]`,
		"top 0 by a":                                `[]`,
		"take 9 | count":                            `[{"Count":4}]`,
		"where a > 9 | count":                       `[{"Count":0}]`,
		"summarize count() by b":                    `[{"b":"Y","count_":1},{"b":"x","count_":2},{"b":null,"count_":1}]`,
		"summarize n=count(), sum(a) by tolower(b) | where n > 1":              `[{"b":"x","n":2,"sum_a":4}]`,
		"summarize avg(a), min(a), max(b), dcount(b)":                          `[{"avg_a":1.75,"dcount_b":2,"max_b":"x","min_a":1}]`,
		"summarize countif(a > 1), make_set(a)":                                `[{"countif_":2,"make_set_a":[1,2,3]}]`,
		"summarize by b | count":                                               `[{"Count":3}]`,
		"extend l=split('p,q', ',') | project a, l | top 1 by a | mv-expand l": `[{"a":3,"l":"p"},{"a":3,"l":"q"}]`,
		"project a | top 1 by a | mv-expand x=split('p,q', ',')":               `[{"a":3,"x":"p"},{"a":3,"x":"q"}]`,
		"project b | where isnull(b) | mv-expand b":                            `[{"b":null}]`,
	} {
		got, err := rowsOf(map[string]any{"a": 3, "b": "x"}, map[string]any{"a": 2, "b": "Y"}, map[string]any{"a": 1, "b": "x"}, map[string]any{"a": 1, "b": nil}).try(text)
		if err != nil || !sameJSON(got, want) {
			t.Errorf("%s:\n got %s, %v\nwant %s", text, got, err, want)
		}
	}
	for _, text := range []string{
		"where c == 1", "project c", "extend d=c", "distinct c", "order by c", "top 1 by c", "summarize sum(c)", "summarize count() by c", "mv-expand c",
		"project a | where b == 'x'", "project-away a | project b, a",
	} {
		if got, err := rowsOf().try(text); err == nil {
			t.Errorf("%s: got %s, want an error: there is no such column", text, got)
		}
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func TestRowsAsATable(t *testing.T) {
	t.Parallel()
	s, row := sampleRow()
	tab := &table{scope: *s, rows: []*record{row, {cells: map[string]any{}}}}
	tab.names = []string{"word", "one", "yes", "list", "bag", "tags", "none"}
	var page struct {
		Data struct {
			Columns []struct{ Name, Type string }
			Rows    [][]any
		}
		Count int
	}
	if err := json.Unmarshal(tab.page(0, 2, "next", true, nil), &page); err != nil {
		t.Fatal(err)
	}
	want := "word:string one:integer yes:boolean list:object bag:object tags:object none:string"
	var got []string
	for _, c := range page.Data.Columns {
		got = append(got, c.Name+":"+c.Type)
	}
	if strings.Join(got, " ") != want || page.Count != 2 || len(page.Data.Rows) != 2 || page.Data.Rows[0][0] != "Größe" || page.Data.Rows[1][0] != nil {
		t.Errorf("got %q and rows %v, want %q", got, page.Data.Rows, want)
	}
}

func FuzzExpressions(f *testing.F) {
	for _, text := range []string{
		"word =~ 'x' and not(one in (1, 2))", "case(yes, split(word, 'r')[0], bag['k'].deep)", "list[one] contains tostring(half)", "a matches regex '('",
	} {
		f.Add(text)
	}
	s, row := sampleRow()
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 500 {
			return
		}
		var e expr
		if parsing(scan(text), func(p *parser) { e = p.expr() }) != nil {
			return
		}
		g, err := s.compile(e)
		if err != nil {
			return
		}
		if first, second := string(sim.AppendJSON(nil, g(row))), string(sim.AppendJSON(nil, g(row))); first != second {
			t.Errorf("%q: got %s, then %s", text, first, second)
		}
	})
}
