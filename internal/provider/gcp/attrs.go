package gcp

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// attrs builds attributes in a fixed order, leaving out what is not there.
type attrs []cloud.Attr

func (a *attrs) text(name, v string) {
	if v != "" {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) texts(name string, v []string) {
	if len(v) > 0 {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) time(name string, v time.Time) {
	if !v.IsZero() {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

// yes adds what is worth a word only where it is true.
func (a *attrs) yes(name string, v bool) {
	if v {
		*a = append(*a, cloud.Attr{Name: name, Value: true})
	}
}

// number adds a number that the answer has.
func (a *attrs) number(name string, v number) {
	if v.known {
		*a = append(*a, cloud.Attr{Name: name, Value: v.value})
	}
}

// tags returns labels as tags, ordered by key.
func tags(labels map[string]string) []cloud.Tag {
	var out []cloud.Tag
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, cloud.Tag{Key: k, Value: labels[k]})
	}
	return out
}

// last returns the last element of a resource's URL: "us-central1-a" of ".../zones/us-central1-a".
func last(link string) string {
	if link == "" {
		return ""
	}
	return path.Base(link)
}

// regionOf returns the region of a zone; what is no zone stays: "us-central1" of "us-central1-a" and "us-central1".
func regionOf(zone string) string {
	if i := strings.LastIndexByte(zone, '-'); i > 0 && len(zone)-i <= 2 {
		return zone[:i]
	}
	return zone
}

// segment returns what follows a word in a resource's name: "europe-west1" of ".../locations/europe-west1/...".
func segment(name, word string) string {
	_, rest, _ := strings.Cut(name, "/"+word+"/")
	before, _, _ := strings.Cut(rest, "/")
	return before
}

// missing says that a part of an answer is not there.
func missing(op, what, why string) error {
	return cloud.Partial(name+": "+op, what+" "+cmp.Or(why, "did not answer"))
}
