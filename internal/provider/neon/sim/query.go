package neonsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const stamp = time.RFC3339

// number reads a parameter between least and most.
func number(r *http.Request, name string, usual, least, most int) (int, *failure) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return 0, bad("%s must be between %d and %d", name, least, most)
	}
	return n, nil
}

// word reads a parameter that is one of words, the first of which is usual.
func word(r *http.Request, name string, words ...string) (string, *failure) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return words[0], nil
	}
	if !slices.Contains(words, v) {
		return "", bad("%s must be one of %s", name, strings.Join(words, ", "))
	}
	return v, nil
}

// words reads a parameter that is repeated, or a list with commas.
func words(r *http.Request, name string) []string {
	all := strings.Split(strings.Join(r.URL.Query()[name], ","), ",")
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// matches reports whether the parameter search is a part of a thing's name or id.
func matches(r *http.Request, name, id string) bool {
	search := strings.ToLower(r.URL.Query().Get("search"))
	return strings.Contains(strings.ToLower(name), search) || strings.Contains(id, search)
}

// page cuts the part of all that a request asks for. Its cursor is the position of the next element, even after the
// last one, as the real service's is.
func page[T any](r *http.Request, all []T, usual, most int) (part []T, next string, f *failure) {
	n, f := number(r, "limit", usual, 1, most)
	if f != nil {
		return nil, "", f
	}
	from := 0
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		at, err := strconv.Atoi(cursor)
		if err != nil || at < 0 || at > len(all) {
			return nil, "", bad("invalid cursor")
		}
		from = at
	}
	to := min(from+n, len(all))
	return all[from:to], strconv.Itoa(to), nil
}

// listed answers with a page, and with a cursor unless the page is empty.
func listed[T any](r *http.Request, field string, all []T, bounds [2]int, to func(T) any) (object, *failure) {
	part, next, f := page(r, all, bounds[0], bounds[1])
	if f != nil {
		return nil, f
	}
	answer := object{field: encoded(part, to)}
	if len(part) > 0 {
		answer["pagination"] = object{"cursor": next}
	}
	return answer, nil
}

func encoded[T any](all []T, to func(T) any) []any {
	out := make([]any, len(all))
	for i := range all {
		out[i] = to(all[i])
	}
	return out
}

// one answers with the element of all that is called id.
func one[T any](all []T, what, id string, named func(T) string, to func(T) any) (object, *failure) {
	i := slices.IndexFunc(all, func(v T) bool { return named(v) == id })
	if i < 0 {
		return nil, missing(what)
	}
	return object{what: to(all[i])}, nil
}

// moment reads a parameter in RFC 3339.
func moment(r *http.Request, name string) (time.Time, *failure) {
	t, err := time.Parse(time.RFC3339, r.URL.Query().Get(name))
	if err != nil {
		return t, bad("%s must be a date-time in RFC 3339", name)
	}
	return t.UTC(), nil
}

func host(id, region string) string { return fmt.Sprintf("%s.%s.neon.tech", id, region) }
