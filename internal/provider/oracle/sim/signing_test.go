package oraclesim

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestTheSignedTextIsTheRequest: each header by its name, in the order that the signature names them.
func TestTheSignedTextIsTheRequest(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://iaas.us-phoenix-1.oraclecloud.com/20160918/x?b=2&a=1", strings.NewReader("body"))
	r.RequestURI = "/20160918/x?b=2&a=1"
	for name, v := range map[string]string{"Date": "D", "Content-Type": "application/json", "X-Content-Sha256": "S", "X-Date": "X", "Opc-Retry-Token": "T"} {
		r.Header.Set(name, v)
	}
	r.Header.Add("Accept", "a")
	r.Header.Add("Accept", "b")
	for headers, want := range map[string]string{
		"date (request-target) host":       "date: D\n(request-target): post /20160918/x?b=2&a=1\nhost: iaas.us-phoenix-1.oraclecloud.com",
		"host date":                        "host: iaas.us-phoenix-1.oraclecloud.com\ndate: D",
		"x-date":                           "x-date: X",
		"content-length content-type":      "content-length: 4\ncontent-type: application/json",
		"x-content-sha256 opc-retry-token": "x-content-sha256: S\nopc-retry-token: T",
		"accept":                           "accept: a, b",
		"":                                 "",
		"no-such-header":                   "missing",
	} {
		text, err := (&signature{headers: strings.Fields(headers)}).text(r)
		if want == "missing" {
			if err == nil {
				t.Errorf("%q is signed as %q, want it to be missed", headers, text)
			}
			continue
		}
		if err != nil || text != want {
			t.Errorf("%q is signed as %q, %v, want %q", headers, text, err, want)
		}
	}
	r.Header.Set("Content-Length", "7") // what the client wrote counts
	if text, err := (&signature{headers: []string{"content-length"}}).text(r); err != nil || text != "content-length: 7" {
		t.Errorf("the length is signed as %q, %v", text, err)
	}
}

// TestABodyIsWhatItsHashSays, whichever method carries it.
func TestABodyIsWhatItsHashSays(t *testing.T) {
	t.Parallel()
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	for _, tt := range []struct {
		name, method, body, hash, length string
		ok                               bool
	}{
		{"right", "POST", "abc", hash("abc"), "3", true}, {"without a length", "POST", "abc", hash("abc"), "", true}, {"empty", "POST", "", hash(""), "0", true},
		{"PUT", "PUT", "abc", hash("abc"), "3", true}, {"PATCH", "PATCH", "abc", hash("abd"), "3", false},
		{"another body", "POST", "abd", hash("abc"), "3", false}, {"no hash", "POST", "abc", "", "3", false}, {"another length", "POST", "abc", hash("abc"), "4", false},
		{"a hash in hex", "POST", "abc", fmt.Sprintf("%x", sha256.Sum256([]byte("abc"))), "3", false},
		{"GET has none", "GET", "abc", "", "", true}, {"DELETE has none", "DELETE", "", "", "", true},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, "/", strings.NewReader(tt.body))
		r.Header.Set("X-Content-Sha256", tt.hash)
		if tt.length != "" {
			r.Header.Set("Content-Length", tt.length)
		}
		if err := checkBody(r); (err == nil) != tt.ok {
			t.Errorf("%s: %v, want it to be good: %v", tt.name, err, tt.ok)
		}
		if left, err := io.ReadAll(r.Body); err != nil || string(left) != tt.body {
			t.Errorf("%s: %q is left of the body, %v", tt.name, left, err)
		}
	}
}

// TestCallsAreGoodForFiveMinutes to either side of the clock, by either header.
func TestCallsAreGoodForFiveMinutes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(5, false))
	for _, tt := range []struct {
		name, header string
		off          time.Duration
		status       int
	}{
		{"now", "date", 0, 200}, {"a little late", "date", -5 * time.Minute, 200}, {"a little early", "date", 5 * time.Minute, 200},
		{"late", "date", -5*time.Minute - time.Second, 401}, {"early", "date", 5*time.Minute + time.Second, 401},
		{"by the other header", "x-date", -4 * time.Minute, 200}, {"late by the other header", "x-date", -time.Hour, 401},
	} {
		r := c.signed(t, http.MethodGet, "https://identity.us-ashburn-1.oci.oraclecloud.com/20160918/regions", "")
		r.Header.Del("Date")
		r.Header.Set(tt.header, at().Add(tt.off).Format(http.TimeFormat))
		c.sign(t, r, []string{tt.header, "(request-target)", "host"})
		resp := c.do(r)
		if resp.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, resp.StatusCode, tt.status)
		}
		if tt.status == http.StatusUnauthorized {
			if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), "clock skew") {
				t.Errorf("%s: %s does not speak of the clock", tt.name, body)
			}
		}
	}
}

// TestOnlyTheRegisteredKeyOpens: tenancy, user and fingerprint belong together.
func TestOnlyTheRegisteredKeyOpens(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(5, false))
	good := c.tenancy + "/" + c.user + "/" + c.fingerprint
	for id, want := range map[string]bool{
		good: true, strings.ToUpper(good): false, c.tenancy + "/" + c.user: false, c.user + "/" + c.tenancy + "/" + c.fingerprint: false,
		good + "/": false, "": false, "ST$": false, "ST$" + good: false, "ST$" + c.token(&c.key.PublicKey): true,
	} {
		if got := c.keyOf(id) != nil; got != want {
			t.Errorf("%q leads to a key: %v, want %v", id, got, want)
		}
	}
	if s := (signature{algorithm: "hmac-sha256", bytes: []byte("x")}); s.verify(&c.key.PublicKey, "") == nil {
		t.Error("another algorithm is accepted")
	}
	if hexPairs([]byte{0, 0xab, 7}) != "00:ab:07" {
		t.Errorf("bytes are written %s", hexPairs([]byte{0, 0xab, 7}))
	}
}
