package oraclesim

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPage = 100 // what a list call gives that asks for no limit
	longestPage = 1000
)

// page cuts the part out of n elements that a request asks for, and writes the token of the next one. A token is good
// for the list that it was made for.
func (c *cloud) page(w http.ResponseWriter, r *http.Request, n int) (from, to int, f *fault) {
	q := r.URL.Query()
	limit := defaultPage
	if v := q.Get("limit"); v != "" {
		var err error
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 || limit > longestPage {
			return 0, 0, invalid("limit must be between 1 and %d, was '%s'", longestPage, v)
		}
	}
	if v := q.Get("page"); v != "" {
		text, err := base64.RawURLEncoding.DecodeString(v)
		offset, rest, ok := strings.Cut(string(text), "|")
		from, _ = strconv.Atoi(offset)
		if err != nil || !ok || rest != listName(r.URL) || from <= 0 {
			return 0, 0, invalid("Invalid page token")
		}
	}
	from = min(from, n)
	to = min(from+min(limit, c.longest), n)
	if to < n {
		token := strconv.Itoa(to) + "|" + listName(r.URL)
		w.Header().Set("Opc-Next-Page", base64.RawURLEncoding.EncodeToString([]byte(token)))
	}
	return from, to, nil
}

// listName tells one list from another: its path and all its filters.
func listName(u *url.URL) string {
	q := u.Query()
	q.Del("page")
	q.Del("limit")
	return u.Path + "?" + q.Encode()
}

// known refuses parameters that the call does not have.
func known(r *http.Request, params ...string) *fault {
	for name := range r.URL.Query() {
		if !slices.Contains(params, name) {
			return invalid("Unknown query parameter '%s'", name)
		}
	}
	return nil
}

// reverse reports the order that a request asks for.
func reverse(r *http.Request, byDefault bool) (bool, *fault) {
	switch v := strings.ToUpper(r.URL.Query().Get("sortOrder")); v {
	case "":
		return byDefault, nil
	case "ASC":
		return false, nil
	case "DESC":
		return true, nil
	default:
		return false, invalid("sortOrder must be ASC or DESC, was '%s'", v)
	}
}
