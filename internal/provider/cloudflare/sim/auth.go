package cloudflaresim

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// authenticate returns whose call it is, or why it is nobody's.
func authenticate(r *http.Request) (user string, bad *failure) {
	email, key := r.Header.Get("X-Auth-Email"), r.Header.Get("X-Auth-Key")
	auth := r.Header.Get("Authorization")
	token, isBearer := strings.CutPrefix(auth, "Bearer ")
	switch {
	case auth == "" && email == "" && key == "":
		return "", fail(http.StatusBadRequest, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
	case auth != "" && (!isBearer || len(token) < 20):
		return "", fail(http.StatusBadRequest, 6003, "Invalid request headers")
	case auth != "" && token != APIToken && token != AccountToken:
		if strings.HasSuffix(r.URL.Path, "/tokens/verify") {
			return "", fail(http.StatusUnauthorized, 1000, "Invalid API Token")
		}
		return "", fail(http.StatusForbidden, 9109, "Invalid access token")
	case auth == "" && (email != Email || key != GlobalKey):
		return "", fail(http.StatusForbidden, 9103, "Unknown X-Auth-Key or X-Auth-Email")
	}
	return Email, nil // the limit counts a user's calls over all that they authenticate with
}

// tokenOwner is the account that owns the call's token, by the word "account"; "" for a user's credential.
func tokenOwner(r *http.Request) string {
	if r.Header.Get("Authorization") == "Bearer "+AccountToken {
		return "account"
	}
	return ""
}

type verification struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	ExpiresOn time.Time `json:"expires_on"`
	NotBefore time.Time `json:"not_before"`
}

func validToken(id string) *result {
	return &result{
		value: verification{
			ID: id, Status: "active", ExpiresOn: sim.Epoch.AddDate(1, 0, 0), NotBefore: sim.Epoch.AddDate(-1, 0, 0),
		},
		notes: []note{{Code: 10000, Message: "This API Token is valid and active"}},
	}
}

func (c *cloudflare) verifyUserToken(r *http.Request, _ *account) (*result, *failure) {
	if r.Header.Get("Authorization") != "Bearer "+APIToken {
		return nil, fail(http.StatusUnauthorized, 1000, "Invalid API Token")
	}
	return validToken("ed17574386854bf78a67040be0a770b0"), nil
}

func (c *cloudflare) verifyAccountToken(r *http.Request, _ *account) (*result, *failure) {
	if tokenOwner(r) == "" {
		return nil, fail(http.StatusUnauthorized, 1000, "Invalid API Token")
	}
	return validToken("0a3b9d6e5f204c1897a4b1c2d3e4f506"), nil
}

func (c *cloudflare) user(r *http.Request, _ *account) (*result, *failure) {
	if tokenOwner(r) != "" {
		return nil, fail(http.StatusForbidden, 9109, "Valid user-level authentication not found")
	}
	return &result{value: map[string]any{
		"id": "7c5dae5552338874e5053f2534d2767a", "email": Email, "first_name": "Sim", "last_name": "Ulated", "telephone": nil,
		"country": "DK", "zipcode": nil, "two_factor_authentication_enabled": true, "suspended": false,
	}}, nil
}

func (c *cloudflare) memberships(r *http.Request, _ *account) (*result, *failure) {
	if tokenOwner(r) != "" {
		return nil, fail(http.StatusForbidden, 9109, "Valid user-level authentication not found")
	}
	var rows [][]byte
	for _, a := range c.accounts {
		rows = append(rows, encode(map[string]any{
			"id": a.ID, "status": "accepted", "account": map[string]any{"id": a.ID, "name": a.Name},
			"roles": []string{"Administrator Read Only"},
		}))
	}
	b := bounds{5, 50, 20}
	return paginate(r, rows, b, outside(b))
}

// window counts calls in spans of a fixed length. Who goes over the limit is blocked for the span after as well.
type window struct {
	limit  int
	length time.Duration

	mu    sync.Mutex
	spans map[string]*span
}

type span struct {
	began   time.Time
	n       int
	blocked time.Time // until then
}

// take counts a call. It returns how many are left, and when the count starts anew.
func (w *window) take(user string, now time.Time) (left int, reset time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spans == nil {
		w.spans = map[string]*span{}
	}
	s := w.spans[user]
	if s == nil || now.Sub(s.began) >= w.length && !now.Before(s.blocked) {
		s = &span{began: now}
		w.spans[user] = s
	}
	if now.Before(s.blocked) {
		return 0, s.blocked, false
	}
	if s.n++; s.n > w.limit {
		s.blocked = now.Add(w.length)
		return 0, s.blocked, false
	}
	return w.limit - s.n, s.began.Add(w.length), true
}

// describe sets the headers of the limits page: the reset is a date.
func (w *window) describe(h http.Header, left int, reset time.Time) {
	h.Set("X-Ratelimit-Limit", strconv.Itoa(w.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(left))
	h.Set("X-Ratelimit-Reset", reset.UTC().Format(http.TimeFormat))
}

// refuse sets how long to wait, in seconds rounded up.
func (w *window) refuse(h http.Header, now, reset time.Time) {
	h.Set("Retry-After", strconv.Itoa(int((reset.Sub(now)+time.Second-1)/time.Second)))
}
