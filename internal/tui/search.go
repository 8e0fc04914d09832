package tui

import (
	"strings"

	"github.com/adsops/cloudtop/internal/view"
)

// search is a filter as it is typed: an expression of --filter, or else a part of a name or identifier.
type search struct {
	filter view.Filter
	part   string // in lower case; empty where the text is an expression
}

func newSearch(kind view.Kind, text string) search {
	text = strings.TrimSpace(text)
	if f, err := view.ParseFilter(kind, text); err == nil {
		return search{filter: f}
	}
	return search{part: strings.ToLower(text)}
}

func (s *search) match(r *view.Row) bool {
	if s.part == "" {
		return s.filter.Match(r)
	}
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), s.part) }
	if r.Offer != nil {
		return has(r.Offer.GPUType) || has(r.Offer.ID)
	}
	return has(r.Resource.Name) || has(r.Resource.ID)
}
