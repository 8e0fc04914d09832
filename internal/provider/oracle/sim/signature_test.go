package oraclesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

type vectors struct {
	Key     string
	KeyID   string `json:"key_id"`
	Vectors []struct {
		Name, Method, URL, Body, Signed, Signature string
		Headers                                    map[string]string
		SigningString                              string `json:"signing_string"`
	}
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPublishedSignaturesAreVerified: what Oracle's own examples sign is accepted, and nothing that differs from it.
func TestPublishedSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	key := parseKey(v.Key)
	if len(v.Vectors) != 2 {
		t.Fatalf("%d vectors, want 2", len(v.Vectors))
	}
	for _, vector := range v.Vectors {
		request := func(body string) *http.Request {
			r := httptest.NewRequestWithContext(t.Context(), vector.Method, vector.URL, strings.NewReader(body))
			r.RequestURI = r.URL.RequestURI()
			for k, h := range vector.Headers {
				r.Header.Set(k, h)
			}
			return r
		}
		header := fmt.Sprintf(`Signature version="1",headers="%s",keyId="%s",algorithm="rsa-sha256",signature="%s"`,
			vector.Signed, v.KeyID, vector.Signature)
		s, err := parseSignature(header)
		if err != nil || s.keyID != v.KeyID {
			t.Fatalf("%s: %+v, %v", vector.Name, s, err)
		}
		r := request(vector.Body)
		text, err := s.text(r)
		if err != nil || text != vector.SigningString {
			t.Errorf("%s: signing string\n%s\nwant\n%s\n%v", vector.Name, text, vector.SigningString, err)
		}
		if err := s.verify(&key.PublicKey, text); err != nil {
			t.Errorf("%s: the published signature is refused: %v", vector.Name, err)
		}
		if err := s.covers(r, true); err != nil {
			t.Errorf("%s: %v", vector.Name, err)
		}
		if err := checkBody(r); err != nil {
			t.Errorf("%s: %v", vector.Name, err)
		}
		if err := s.verify(&key.PublicKey, strings.Replace(text, "iaas", "evil", 1)); err == nil {
			t.Errorf("%s: a signature for another host is accepted", vector.Name)
		}
		if err := s.verify(&parseKey(demoKey).PublicKey, text); err == nil {
			t.Errorf("%s: a signature by another key is accepted", vector.Name)
		}
		if vector.Body != "" && checkBody(request(vector.Body+" ")) == nil {
			t.Errorf("%s: another body is accepted", vector.Name)
		}
	}
}

func TestSignatureHeaderIsParsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, header, want string }{
		{"as the SDKs write it", `Signature version="1",headers="date host",keyId="k",algorithm="rsa-sha256",signature="AA=="`, ""},
		{"in another order, with blanks", `Signature algorithm="rsa-sha256", signature="AA==", keyId="k", headers="date host", version="1"`, ""},
		{"without version", `Signature headers="date host",keyId="k",algorithm="rsa-sha256",signature="AA=="`, ""},
		{"scheme in small letters", `signature headers="date host",keyId="k",algorithm="rsa-sha256",signature="AA=="`, ""},
		{"another scheme", `Bearer abc`, "scheme"},
		{"empty", ``, "scheme"},
		{"another version", `Signature version="2",headers="date host",keyId="k",signature="AA=="`, "version"},
		{"no base64", `Signature headers="date host",keyId="k",signature="%%"`, "base64"},
		{"no signature", `Signature headers="date host",keyId="k"`, "base64"},
		{"open quotes", `Signature headers="date host`, "not closed"},
		{"no quotes", `Signature headers=date`, "quotes"},
	} {
		s, err := parseSignature(tt.header)
		if tt.want == "" && (err != nil || s.keyID != "k" || strings.Join(s.headers, " ") != "date host" || len(s.bytes) != 1) {
			t.Errorf("%s: got %+v, %v", tt.name, s, err)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzSignatureHeader(f *testing.F) {
	f.Add(`Signature version="1",headers="date host",keyId="k",algorithm="rsa-sha256",signature="AA=="`)
	f.Add(`Signature a="`)
	f.Fuzz(func(t *testing.T, header string) {
		if s, err := parseSignature(header); err == nil && len(s.bytes) == 0 {
			t.Errorf("%q has an empty signature", header)
		}
	})
}

// TestWhatASignatureMustCover by the signing document.
func TestWhatASignatureMustCover(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method, headers string
		host            bool
		want            string
	}{
		{"GET", "date (request-target) host", true, ""},
		{"GET", "x-date (request-target) host", true, ""},
		{"GET", "(request-target) host", true, "no date"},
		{"GET", "date host", true, "(request-target)"},
		{"GET", "date (request-target)", true, "host"},
		{"POST", "date (request-target) host", true, "content-length"},
		{"POST", "date (request-target) host content-length content-type", true, "x-content-sha256"},
		{"POST", "date (request-target) content-length content-type x-content-sha256", false, ""},
	} {
		s := signature{headers: strings.Fields(tt.headers)}
		err := s.covers(httptest.NewRequestWithContext(t.Context(), tt.method, "/", nil), tt.host)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: got %v, want %q", tt.method, tt.headers, err, tt.want)
		}
	}
}

func TestClockSkewIsToldAsOracleTellsIt(t *testing.T) {
	t.Parallel()
	now := sim.Epoch
	for _, tt := range []struct {
		off  time.Duration
		want string
	}{
		{0, ""}, {5 * time.Minute, ""}, {-5 * time.Minute, ""},
		{6*time.Minute + 18*time.Second, "Date 'Sun, 01 Nov 2026 12:06:18 UTC' is not within allowed clock skew. Current 'Sun, 01 Nov 2026 12:00:00 UTC', " +
			"valid datetime range: ['Sun, 01 Nov 2026 11:55:00 UTC', 'Sun, 01 Nov 2026 12:05:01 UTC']"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Date", now.Add(tt.off).Format(http.TimeFormat))
		if got := skewed(r, now); got != tt.want {
			t.Errorf("%s off: got %q, want %q", tt.off, got, tt.want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if got := skewed(r, now); !strings.Contains(got, "Unable to parse") {
		t.Errorf("without a date: got %q", got)
	}
}
