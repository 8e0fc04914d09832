package cloudflaresim

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/adsops/cloudtop/internal/sim"
)

// result is a successful answer of the REST API.
type result struct {
	value any // encoded as it is
	rows  [][]byte
	list  bool // the result is rows
	in    string
	info  any
	notes []note
}

type note struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Type    *string `json:"type,omitempty"`
}

func (res *result) write(w http.ResponseWriter) {
	var b bytes.Buffer
	b.WriteString(`{"result":`)
	if res.list {
		if res.in != "" {
			b.WriteString(`{"` + res.in + `":`)
		}
		b.WriteByte('[')
		b.Write(bytes.Join(res.rows, []byte(",")))
		b.WriteByte(']')
		if res.in != "" {
			b.WriteByte('}')
		}
	} else {
		b.Write(encode(res.value))
	}
	b.WriteString(`,"success":true,"errors":[],"messages":`)
	if len(res.notes) == 0 {
		b.WriteString("[]")
	} else {
		b.Write(encode(res.notes))
	}
	if res.info != nil {
		b.WriteString(`,"result_info":`)
		b.Write(encode(res.info))
	}
	b.WriteByte('}')
	_, _ = w.Write(b.Bytes())
}

func encode(v any) []byte { return sim.AppendJSON(nil, v) }

// failure is an error answer of the REST API.
type failure struct {
	status int
	errors []note
}

func fail(status, code int, message string) *failure {
	return &failure{status, []note{{Code: code, Message: message}}}
}

func (f *failure) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	_, _ = fmt.Fprintf(w, `{"success":false,"errors":%s,"messages":[],"result":null}`, encode(f.errors))
}

func noRoute(r *http.Request) *failure {
	return &failure{http.StatusNotFound, []note{
		{Code: 7003, Message: "Could not route to " + r.URL.Path + ", perhaps your object identifier is invalid?"},
		{Code: 7000, Message: "No route for that URI"},
	}}
}

// Fail implements sim.Cloud. The codes are those that Cloudflare is known to answer with that status.
func (c *cloudflare) Fail(w http.ResponseWriter, r *http.Request, status int) {
	if r.URL.Path == root+"/graphql" {
		messages := map[int]string{
			http.StatusUnauthorized: "Unauthorized", http.StatusForbidden: "not authorized for that account",
			http.StatusTooManyRequests:    "rate limiter budget depleted, try again after 5 minutes",
			http.StatusServiceUnavailable: "unable to execute query, please try again later",
			http.StatusBadRequest:         "query time range is too large",
		}
		if m := messages[status]; m != "" {
			c.refuse(w, status, &queryError{message: m})
			return
		}
	}
	f := fail(status, 10013, "Internal Server Error")
	switch status {
	case http.StatusBadRequest:
		f = fail(status, 6007, "Malformed request")
	case http.StatusUnauthorized:
		f = fail(status, 1000, "Invalid API Token")
	case http.StatusForbidden:
		f = fail(status, 10000, "Authentication error")
	case http.StatusNotFound:
		f = noRoute(r)
	case http.StatusMethodNotAllowed:
		f = fail(status, 10405, "Method not allowed for this authentication scheme")
	case http.StatusTooManyRequests:
		f = fail(status, 971, "Please wait and consider throttling your request speed")
	case http.StatusServiceUnavailable:
		f = fail(status, 10014, "Service temporarily unavailable")
	}
	f.write(w)
}

// bounds are what an endpoint takes as page size.
type bounds struct{ low, high, usual int }

type pageInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

// paginate returns the page of rows that r asks for.
func paginate(r *http.Request, rows [][]byte, b bounds, bad func() *failure) (*result, *failure) {
	page, ok := number(r, "page", 1)
	size, ok2 := number(r, "per_page", b.usual)
	if !ok || !ok2 || page < 1 || size < b.low || size > b.high {
		return nil, bad()
	}
	total := len(rows)
	from := min((page-1)*size, total)
	to := min(from+size, total)
	return &result{list: true, rows: rows[from:to], info: pageInfo{
		Page: page, PerPage: size, Count: to - from, TotalCount: total, TotalPages: (total + size - 1) / size,
	}}, nil
}

// outside refuses a page size.
func outside(b bounds) func() *failure {
	return func() *failure {
		return fail(http.StatusBadRequest, 1004, fmt.Sprintf("per_page must be between %d and %d", b.low, b.high))
	}
}

// number returns a parameter that counts; ok is false where it is none.
func number(r *http.Request, name string, usual int) (n int, ok bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return usual, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
