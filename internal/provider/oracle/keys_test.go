package oracle

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

const demoFingerprint = "e7:35:90:2a:08:3a:53:a0:60:df:30:32:cf:46:5c:8d"

func tokenOf(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// TestCredentialIsCheckedBeforeACall: every mistake that can be seen without one is an auth error that says what to do.
func TestCredentialIsCheckedBeforeACall(t *testing.T) {
	t.Parallel()
	pkcs1, pkcs8 := testFile(t, "encrypted-pkcs1.pem"), testFile(t, "encrypted-pkcs8.pem")
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	files := map[string]string{
		"pkcs1": pkcs1, "pkcs8": pkcs8, "public": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "text": "no key",
		"token": tokenOf(`{"exp":1793538000}`), "expired": tokenOf(`{"exp":1793534400}`), "endless": tokenOf(`{}`), "no token": "x.y",
	}
	read := func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	base := map[string]string{
		"tenancy": "ocid1.tenancy.oc1..t", "user": "ocid1.user.oc1..u", "fingerprint": fingerprintOfTestKey(t, pkcs1),
		"private_key_file": "pkcs1", "pass_phrase": "simulated-pass",
	}
	for _, tt := range []struct {
		name       string
		change     map[string]string
		want, hint string // of the error; none where the credential is good
	}{
		{"good", nil, "", ""},
		{"good in PKCS #8", map[string]string{"private_key_file": "pkcs8"}, "", ""},
		{"good inline", map[string]string{"private_key_file": "", "private_key": pkcs1}, "", ""},
		{"fingerprint in capitals", map[string]string{"fingerprint": strings.ToUpper(base["fingerprint"])}, "", ""},
		{"no key", map[string]string{"private_key_file": ""}, "names no private key", "key_file"},
		{"missing key file", map[string]string{"private_key_file": "nowhere"}, "nowhere", "key_file"},
		{"wrong pass phrase", map[string]string{"pass_phrase": "wrong"}, "does not open with the pass phrase", "pass_phrase"},
		{"no pass phrase", map[string]string{"pass_phrase": ""}, "encrypted, and there is no pass phrase", "pass_phrase"},
		{"wrong pass phrase in PKCS #8", map[string]string{"private_key_file": "pkcs8", "pass_phrase": "wrong"}, "does not open with the pass phrase", "pass_phrase"},
		{"public key", map[string]string{"private_key_file": "public"}, "no RSA private key", "private key"},
		{"no PEM", map[string]string{"private_key_file": "text"}, "no RSA private key", "private key"},
		{"another key's fingerprint", map[string]string{"fingerprint": "00:11"}, "the fingerprint 00:11 is not that of the private key, which is " + base["fingerprint"], "fingerprint"},
		{"neither user nor token", map[string]string{"user": ""}, "neither a user nor a session token", "oci session authenticate"},
		{"session token", map[string]string{"user": "", "security_token_file": "token"}, "", ""},
		{"session token without end", map[string]string{"user": "", "security_token_file": "endless"}, "", ""},
		{"expired session token", map[string]string{"user": "", "security_token_file": "expired", "profile": "WORK"}, "expired at 2026-11-01T12:00:00Z", "--profile-name WORK"},
		{"missing session token", map[string]string{"user": "", "security_token_file": "nowhere"}, "cannot be read", "oci session authenticate --profile-name DEFAULT"},
		{"broken session token", map[string]string{"user": "", "security_token_file": "no token"}, "holds no session token", "oci session authenticate"},
	} {
		values := map[string]string{}
		maps.Copy(values, base)
		maps.Copy(values, tt.change)
		_, err := newUser(values, read, func() time.Time { return now })
		e, _ := errors.AsType[*cloud.Error](err)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (e == nil || e.Kind != cloud.KindAuth || !strings.Contains(e.Detail, tt.want) || !strings.Contains(e.Hint, tt.hint)):
			t.Errorf("%s: got %v, want an auth error %q with a hint of %q", tt.name, err, tt.want, tt.hint)
		case e != nil && (strings.Contains(e.Detail+e.Hint, "simulated-pass") || strings.Contains(e.Detail+e.Hint, "wrong")):
			t.Errorf("%s: the error shows the pass phrase: %+v", tt.name, e)
		}
	}
}

// TestSessionTokenIsReadAnew: oci session refresh writes a new one into the same file.
func TestSessionTokenIsReadAnew(t *testing.T) {
	t.Parallel()
	pkcs1 := testFile(t, "encrypted-pkcs1.pem")
	token := tokenOf(`{"exp":1793538000}`)
	u, err := newUser(map[string]string{
		"tenancy": "t", "private_key": pkcs1, "pass_phrase": "simulated-pass", "security_token_file": "token",
	}, func(string) ([]byte, error) { return []byte(token + "\n"), nil }, func() time.Time { return time.Unix(1793530000, 0) })
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range []string{token, tokenOf(`{"exp":1793539999}`)} {
		token = next
		if id, _, err := u.key(t.Context()); err != nil || id != "ST$"+next {
			t.Errorf("the key's id is %q, %v, want that of the token in the file", id, err)
		}
	}
}

func testFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func fingerprintOfTestKey(t *testing.T, pem string) string {
	t.Helper()
	key, err := privateKey(map[string]string{"private_key": pem, "pass_phrase": "simulated-pass"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fingerprint(key)
	if err != nil {
		t.Fatal(err)
	}
	if f != demoFingerprint {
		t.Errorf("fingerprint = %s, want %s (openssl rsa -pubout -outform DER | openssl md5 -c)", f, demoFingerprint)
	}
	return f
}

func FuzzClaims(f *testing.F) {
	f.Add(tokenOf(`{"exp":1,"tenant":"t"}`))
	f.Add("a.b")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := claimsOf(token); err == nil && strings.Count(token, ".") != 2 {
			t.Errorf("%q has claims and not three parts", token)
		}
	})
}

func TestAddressesFollowTheRealm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ tenancy, api, want string }{
		{"ocid1.tenancy.oc1..x", coreAPI, "https://iaas.r-1.oraclecloud.com/20160918"},
		{"ocid1.tenancy.oc2..x", identityAPI, "https://identity.r-1.oci.oraclegovcloud.com/20160918"},
		{"ocid1.tenancy.oc4..x", monitoringAPI, "https://telemetry.r-1.oraclegovcloud.uk/20180401"},
		{"ocid1.tenancy.oc19..x", okeAPI, "https://containerengine.r-1.oci.oraclecloud.eu/20180222"},
		{"ocid1.tenancy.oc999..x", databaseAPI, "https://database.r-1.oraclecloud.com/20160918"},
		{"nonsense", containersAPI, "https://compute-containers.r-1.oci.oraclecloud.com/20210415"},
	} {
		if got := endpoint(tt.api, "r-1", domainOf(tt.tenancy)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.tenancy, got, tt.want)
		}
	}
}
