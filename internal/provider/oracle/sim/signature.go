package oraclesim

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxSkew     = 5 * time.Minute
	mostRequest = 1 << 20 // bytes of a request's body
)

// signature is an Authorization header of the scheme Signature, version 1
// (docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm, after draft-cavage-http-signatures-08).
type signature struct {
	keyID     string
	algorithm string
	headers   []string
	bytes     []byte
}

// parseSignature reads `Signature version="1",keyId="...",algorithm="rsa-sha256",headers="...",signature="..."`. The
// parameters may come in any order, with blanks after the commas.
func parseSignature(header string) (signature, error) {
	scheme, params, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Signature") {
		return signature{}, errors.New("the scheme is not Signature")
	}
	values := map[string]string{}
	for rest := strings.TrimSpace(params); rest != ""; {
		name, after, ok := strings.Cut(rest, `="`)
		if !ok {
			return signature{}, errors.New("a parameter has no value in quotes")
		}
		value, more, ok := strings.Cut(after, `"`)
		if !ok {
			return signature{}, errors.New("a value's quotes are not closed")
		}
		values[strings.ToLower(strings.TrimSpace(name))] = value
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(more), ","))
	}
	raw, err := base64.StdEncoding.DecodeString(values["signature"])
	if err != nil || len(raw) == 0 {
		return signature{}, errors.New("the signature is not base64")
	}
	if v, given := values["version"]; given && v != "1" {
		return signature{}, errors.New("the version is not 1")
	}
	return signature{
		keyID: values["keyid"], algorithm: values["algorithm"], bytes: raw,
		headers: strings.Fields(strings.ToLower(values["headers"])),
	}, nil
}

// covers reports whether the signature covers what this request must sign: a date, the target and, but for the
// federation endpoint, the host; with a body also its length, type and hash.
func (s *signature) covers(r *http.Request, host bool) error {
	need := []string{"(request-target)"}
	if host {
		need = append(need, "host")
	}
	if hasBody(r.Method) {
		need = append(need, "content-length", "content-type", "x-content-sha256")
	}
	for _, n := range need {
		if !slices.Contains(s.headers, n) {
			return errors.New(n + " is not signed")
		}
	}
	if !slices.Contains(s.headers, "date") && !slices.Contains(s.headers, "x-date") {
		return errors.New("no date is signed")
	}
	return nil
}

func hasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// text returns the text that was signed.
func (s *signature) text(r *http.Request) (string, error) {
	lines := make([]string, len(s.headers))
	for i, name := range s.headers {
		var value string
		switch name {
		case "(request-target)":
			value = strings.ToLower(r.Method) + " " + r.RequestURI
		case "host":
			value = r.Host
		case "content-length":
			if value = r.Header.Get(name); value == "" {
				value = strconv.FormatInt(r.ContentLength, 10)
			}
		default:
			all := r.Header.Values(name)
			if len(all) == 0 {
				return "", errors.New("the signed header " + name + " is missing")
			}
			value = strings.Join(all, ", ")
		}
		lines[i] = name + ": " + value
	}
	return strings.Join(lines, "\n"), nil
}

// verify checks the signature over text.
func (s *signature) verify(key *rsa.PublicKey, text string) error {
	if s.algorithm != "rsa-sha256" {
		return errors.New("the algorithm is not rsa-sha256")
	}
	sum := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], s.bytes)
}

// checkBody compares the body with its hash and leaves it to be read again.
func checkBody(r *http.Request) error {
	if !hasBody(r.Method) {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, mostRequest))
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	sum := sha256.Sum256(data)
	if base64.StdEncoding.EncodeToString(sum[:]) != r.Header.Get("X-Content-Sha256") {
		return errors.New("the body is not what x-content-sha256 says")
	}
	if length := r.Header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(data)) {
		return errors.New("the body is not as long as content-length says")
	}
	return nil
}

// skewed returns Oracle's message about a request's date, "" where it is within five minutes of now.
func skewed(r *http.Request, now time.Time) string {
	text := r.Header.Get("X-Date")
	if text == "" {
		text = r.Header.Get("Date")
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return fmt.Sprintf("Unable to parse date header '%s'", text)
	}
	if now.Sub(at).Abs() <= maxSkew {
		return ""
	}
	const layout = "Mon, 02 Jan 2006 15:04:05 UTC"
	return fmt.Sprintf("Date '%s' is not within allowed clock skew. Current '%s', valid datetime range: ['%s', '%s']",
		at.UTC().Format(layout), now.Format(layout), now.Add(-maxSkew).Format(layout), now.Add(maxSkew+time.Second).Format(layout))
}
