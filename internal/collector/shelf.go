package collector

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
)

// mostOnShelf bounds how many values of a kind a shelf remembers: it forgets them all when there are more, and what is
// common is soon back.
const mostOnShelf = 4096

// shelf keeps one copy of what many resources have: places, states, sizes, labels, whole sets of attributes. It halves
// the memory of a large listing. Its methods may be called by many goroutines.
type shelf struct {
	mu     sync.Mutex
	seed   maphash.Seed
	texts  map[string]string
	values map[any]any
	gpus   map[cloud.GPU]*cloud.GPU
	attrs  map[uint64][]cloud.Attr
	tags   map[uint64][]cloud.Tag
}

func newShelf() *shelf {
	return &shelf{
		seed: maphash.MakeSeed(), texts: map[string]string{}, values: map[any]any{}, gpus: map[cloud.GPU]*cloud.GPU{},
		attrs: map[uint64][]cloud.Attr{}, tags: map[uint64][]cloud.Tag{},
	}
}

// share makes r use the copies on the shelf, and no more memory than it needs for what is its own.
func (s *shelf) share(r *cloud.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range []*string{&r.Account, &r.Region, &r.Compartment, &r.Type, &r.NativeStatus} {
		*text = s.text(*text)
	}
	if r.GPU != nil {
		if same := s.gpus[*r.GPU]; same != nil {
			r.GPU = same
		} else {
			put(s.gpus, *r.GPU, r.GPU)
		}
	}
	r.Attrs, r.Tags = s.sharedAttrs(r.Attrs), s.sharedTags(r.Tags)
}

// put keeps v under a key.
func put[K comparable, V any](m map[K]V, key K, v V) V {
	if len(m) >= mostOnShelf {
		clear(m)
	}
	m[key] = v
	return v
}

// text returns the copy of a text. It holds no part of a longer one.
func (s *shelf) text(text string) string {
	if v, ok := s.texts[text]; ok {
		return v
	}
	text = strings.Clone(text)
	return put(s.texts, text, text)
}

// value returns the copy of an attribute's value, if it is of a kind that repeats.
func (s *shelf) value(v any) any {
	switch v.(type) {
	case string, int, int64, float64:
	default:
		return v
	}
	if same, ok := s.values[v]; ok {
		return same
	}
	if text, ok := v.(string); ok {
		v = s.text(text)
	}
	return put(s.values, v, v)
}

// sharedAttrs returns a copy of list that resources with the same attributes share.
func (s *shelf) sharedAttrs(list []cloud.Attr) []cloud.Attr {
	sum, common := s.sum(list)
	if same := s.attrs[sum]; common && slices.Equal(same, list) {
		return same
	}
	own := slices.Clip(slices.Clone(list)) // who appends to it must not change it for others
	for i := range own {
		own[i].Value = s.value(own[i].Value)
	}
	if !common {
		return own
	}
	return put(s.attrs, sum, own)
}

// sum returns a sum of attributes, and whether others may have the same: lists and times are one resource's own.
func (s *shelf) sum(list []cloud.Attr) (uint64, bool) {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for i := range list {
		_, _ = h.WriteString(list[i].Name)
		switch v := list[i].Value.(type) {
		case string, bool, int, int64, float64:
			maphash.WriteComparable(&h, v)
		default:
			return 0, false
		}
	}
	return h.Sum64(), true
}

// sharedTags returns a copy of list that resources with the same tags share.
func (s *shelf) sharedTags(list []cloud.Tag) []cloud.Tag {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for i := range list {
		maphash.WriteComparable(&h, list[i])
	}
	sum := h.Sum64()
	if same := s.tags[sum]; slices.Equal(same, list) {
		return same
	}
	own := slices.Clip(slices.Clone(list)) // who appends to it must not change it for others
	for i := range own {
		own[i] = cloud.Tag{Key: s.text(own[i].Key), Value: s.text(own[i].Value)}
	}
	return put(s.tags, sum, own)
}
