package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// thing is an element of the tests' lists.
type thing struct {
	ID   string `json:"id"`
	Size struct {
		N int `json:"n"`
	} `json:"size"`
}

func readThings(text string) (ids string, odd oddities, err error) {
	var v thing
	err = list(json.NewDecoder(strings.NewReader(text)), &v, func(err error) {
		ids += fmt.Sprintf("%s%d ", v.ID, v.Size.N)
		odd.add(err)
		v = thing{}
	})
	return strings.TrimSpace(ids), odd, err
}

// TestListsAreReadInBothForms that Oracle's services have, whatever else stands in them.
func TestListsAreReadInBothForms(t *testing.T) {
	t.Parallel()
	const a, b = `{"id":"a","size":{"n":1}}`, `{"size":{"n":2,"more":[1,{"x":null}]},"id":"b","new":true}`
	for _, tt := range []struct {
		name, text, want string
		odd              int
		fails            bool
	}{
		{"empty", `[]`, "", 0, false},
		{"one", `[` + a + `]`, "a1", 0, false},
		{"several", "[\n" + a + " ,\n" + b + "\n]\n", "a1 b2", 0, false},
		{"wrapped", `{"items":[` + a + `,` + b + `]}`, "a1 b2", 0, false},
		{"wrapped and empty", `{"items":[]}`, "", 0, false},
		{"wrapped among others", `{"links":[{"items":[7]}],"items":[` + a + `],"total":1}`, "a1", 0, false},
		{"an odd field", `[{"size":{"n":"x"},"id":"a"},` + b + `]`, "a0 b2", 1, false},
		{"an odd object", `[{"size":7,"id":"a"},` + b + `]`, "a0 b2", 1, false},
		{"odd elements", `[7,"x",null,[],` + b + `]`, "0 0 0 0 b2", 3, false},
		{"no list", `"x"`, "", 0, true},
		{"null", `null`, "", 0, true},
		{"a number", `7`, "", 0, true},
		{"an object without items", `{"code":"x"}`, "", 0, true},
		{"items that are none", `{"items":{}}`, "", 0, true},
		{"items that are null", `{"items":null}`, "", 0, true},
		{"nothing", ``, "", 0, true},
		{"broken off", `[` + a + `,{"id":`, "a1", 0, true},
		{"without end", `[` + a, "a1", 0, true},
		{"wrapped without end", `{"items":[` + a + `]`, "a1", 0, true},
		{"broken off before items", `{"links":[1`, "", 0, true},
		{"broken off after items", `{"items"`, "", 0, true},
		{"no JSON", `<html>`, "", 0, true},
	} {
		got, odd, err := readThings(tt.text)
		if got != tt.want || odd.n != tt.odd || (err != nil) != tt.fails {
			t.Errorf("%s: read %q with %d odd, %v, want %q with %d", tt.name, got, odd.n, err, tt.want, tt.odd)
		}
	}
}

func FuzzList(f *testing.F) {
	for _, seed := range []string{`[{"id":"a","size":{"n":1}}]`, `{"items":[{"id":7}],"x":[]}`, `[[[]]]`, `{"items":{"items":[]}}`, `[1,2`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, odd, err := readThings(text)
		if whole := json.Valid([]byte(text)); err == nil && !whole && json.NewDecoder(strings.NewReader(text)).Decode(new(any)) != nil {
			t.Errorf("%q is no JSON and is read without an error", text)
		}
		if odd.partial("list") == nil != (odd.n == 0) {
			t.Errorf("%q has %d odd elements and says %v", text, odd.n, odd.partial("list"))
		}
	})
}

// FuzzPages reads pages of every service, and never keeps what has no id.
func FuzzPages(f *testing.F) {
	f.Add(`[{"id":"a","lifecycleState":"RUNNING","freeformTags":{"a":1},"definedTags":{"n":{"k":true}},"shapeConfig":{"ocpus":1}}]`)
	f.Add(`{"items":[{"id":"a","containerCount":"2","endpoints":{"publicEndpoint":7},"metadata":[],"size":{}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var tags tagSets
		check[instance](t, text, func(v *instance) string {
			_, _ = v.attrs(), gpuOf(v.Shape, &v.ShapeConfig)
			tags.of(&v.head)
			return v.ID
		})
		check[containerInstance](t, text, func(v *containerInstance) string { _ = v.attrs(); return v.ID })
		check[cluster](t, text, func(v *cluster) string { _ = v.attrs(); return v.ID })
		check[nodePool](t, text, func(v *nodePool) string { _ = v.attrs(); return v.ID })
		check[virtualNodePool](t, text, func(v *virtualNodePool) string { _ = v.attrs(); return v.ID })
		check[database](t, text, func(v *database) string { _ = v.attrs(); return v.ID })
		check[product](t, text, func(v *product) string { _, _ = v.rate(); return "x" })
	})
}

func check[T any](t *testing.T, text string, use func(*T) string) {
	t.Helper()
	p := page[T, string]{take: func(v *T) (string, error) {
		if id := use(v); id != "" {
			return id, nil
		}
		return "", errGone
	}}
	_ = p.decode(json.NewDecoder(strings.NewReader(text)))
	for _, id := range slices.Concat(p.rows...) {
		if id == "" {
			t.Errorf("%T of %q is kept without an id", *new(T), text)
		}
	}
}

// TestAPageIsReadAnew: nothing is left of an answer that broke off.
func TestAPageIsReadAnew(t *testing.T) {
	t.Parallel()
	p := page[thing, string]{take: func(v *thing) (string, error) {
		switch v.ID {
		case "":
			return "", errors.New("it has no id")
		case "gone":
			return "", errGone
		}
		return v.ID, nil
	}}
	for _, tt := range []struct {
		text, want string
		odd        int
	}{
		{`[{"id":"a"},{"id":7},{"id":"b"`, "a", 1},
		{`[{"id":"a"},{"id":"gone"},{"id":"b"}]`, "a b", 0},
		{`[{"id":"gone","size":7},{}]`, "", 2},
		{`[]`, "", 0},
	} {
		_ = p.decode(json.NewDecoder(strings.NewReader(tt.text)))
		if got := strings.Join(slices.Concat(p.rows...), " "); got != tt.want || p.odd.n != tt.odd {
			t.Errorf("%s: kept %q with %d odd, want %q with %d", tt.text, got, p.odd.n, tt.want, tt.odd)
		}
	}
}

func TestOdditiesAreCountedAndTheFirstIsTold(t *testing.T) {
	t.Parallel()
	var none oddities
	none.add(nil, nil)
	if err := none.partial("list"); err != nil {
		t.Errorf("nothing odd is %v", err)
	}
	var o oddities
	_, odd, err := readThings(`[{"size":{"n":"x"}}]`)
	if err != nil || odd.n != 1 {
		t.Fatalf("%d odd, %v", odd.n, err)
	}
	o.add(nil, odd.first)
	o.add(errors.New("it has no id"), odd.first)
	said := o.partial("list things")
	if cloud.KindOf(said) != cloud.KindPartial || !strings.HasPrefix(said.Error(), "oracle: list things: ") ||
		!strings.Contains(said.Error(), `incomplete in 2 elements, the first because "n" is a string`) {
		t.Errorf("said %v", said)
	}
	_, odd, _ = readThings(`["x"]`)
	if said := odd.partial("list"); !strings.Contains(said.Error(), `"it" is a string`) {
		t.Errorf("an element that is a text is told as %v", said)
	}
}
