package collector

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func machine(id, shape string, more ...cloud.Attr) cloud.Resource {
	return cloud.Resource{
		ID: id, Region: "east", NativeStatus: "RUNNING", Tags: []cloud.Tag{{Key: "team", Value: shape}},
		GPU:   &cloud.GPU{Type: "H100", Count: 8},
		Attrs: append([]cloud.Attr{{Name: "shape", Value: shape}, {Name: "ocpus", Value: 4.0}, {Name: "spot", Value: true}}, more...),
	}
}

func TestAlikeResourcesShareWhatIsAlike(t *testing.T) {
	t.Parallel()
	s := newShelf()
	a, b, c := machine("a", "big"), machine("b", "big"), machine("c", "small")
	for _, r := range []*cloud.Resource{&a, &b, &c} {
		s.share(r)
	}
	if &a.Attrs[0] != &b.Attrs[0] || &a.Tags[0] != &b.Tags[0] || a.GPU != c.GPU {
		t.Error("what is the same of two resources is kept twice")
	}
	if cap(a.Attrs) != len(a.Attrs) || cap(a.Tags) != len(a.Tags) {
		t.Error("who appends to what is shared would change it for others")
	}
	if want := machine("c", "small"); !reflect.DeepEqual(c, want) {
		t.Errorf("%+v became %+v", want, c)
	}
}

func TestWhatIsSharedStaysAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, more := range [][]cloud.Attr{
		nil,
		{{Name: "ips", Value: []string{"10.0.0.1"}}},
		{{Name: "started_at", Value: at}},
		{{Name: "count", Value: 3}, {Name: "count", Value: int64(3)}, {Name: "count", Value: 3.0}, {Name: "count", Value: "3"}},
		{{Name: "zero", Value: 0.0}, {Name: "nothing", Value: nil}, {Name: "empty", Value: ""}},
	} {
		s := newShelf()
		for range 2 {
			got, want := machine("a", "big", more...), machine("a", "big", more...)
			s.share(&got)
			if fmt.Sprintf("%#v", got.Attrs) != fmt.Sprintf("%#v", want.Attrs) {
				t.Errorf("attributes became %#v, want %#v", got.Attrs, want.Attrs)
			}
		}
	}
	r := cloud.Resource{ID: "bare"}
	newShelf().share(&r)
	if !reflect.DeepEqual(r, cloud.Resource{ID: "bare"}) {
		t.Errorf("a resource that has nothing became %+v", r)
	}
}

// A long run must not grow with what is told only once.
func TestAShelfForgets(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for i := range 3 * mostOnShelf {
		text := fmt.Sprint("word-", i)
		r := cloud.Resource{Region: text, Tags: []cloud.Tag{{Key: text}}, Attrs: []cloud.Attr{{Name: "a", Value: i}}, GPU: &cloud.GPU{Type: text}}
		s.share(&r)
		if r.Region != text || r.Tags[0].Key != text || r.Attrs[0].Value != any(i) || r.GPU.Type != text {
			t.Fatalf("%s became %+v", text, r)
		}
	}
	for _, n := range []int{len(s.texts), len(s.values), len(s.gpus), len(s.attrs), len(s.tags)} {
		if n > mostOnShelf {
			t.Errorf("%d are kept, want at most %d", n, mostOnShelf)
		}
	}
}

func TestAShelfIsForManyReaders(t *testing.T) {
	t.Parallel()
	s := newShelf()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := range 200 {
				r := machine("a", fmt.Sprint(i%50))
				s.share(&r)
				if want := machine("a", fmt.Sprint(i%50)); !slices.Equal(r.Attrs, want.Attrs) || !slices.Equal(r.Tags, want.Tags) {
					t.Errorf("got %+v, want %+v", r, want)
				}
			}
		})
	}
	readers.Wait()
	if len(s.attrs) != 50 || len(s.tags) != 50 {
		t.Errorf("%d sets of attributes and %d of tags are kept, want 50 of each", len(s.attrs), len(s.tags))
	}
}
