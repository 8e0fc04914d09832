package oracle

import (
	"maps"
	"strings"
	"testing"
)

const twoProfiles = `
# written by oci setup config
[DEFAULT]
user=ocid1.user.oc1..alice
fingerprint = 20:3b:97:13
tenancy=ocid1.tenancy.oc1..acme
region=us-ashburn-1
key_file=~/.oci/key.pem
pass_phrase=a=b=c

; a session
[SESSION]
fingerprint=aa:bb
key_file=/sessions/key.pem
security_token_file=~/.oci/sessions/token
region=eu-frankfurt-1

[PROD]
Region=us-phoenix-1
passphrase=other
`

func TestProfileIsChosen(t *testing.T) {
	t.Parallel()
	alice := map[string]string{
		"user": "ocid1.user.oc1..alice", "fingerprint": "20:3b:97:13", "tenancy": "ocid1.tenancy.oc1..acme",
		"region": "us-ashburn-1", "private_key_file": "/home/alice/.oci/key.pem", "pass_phrase": "a=b=c", "profile": "DEFAULT",
	}
	with := func(m map[string]string, kv ...string) map[string]string {
		out := maps.Clone(m)
		for i := 0; i < len(kv); i += 2 {
			if out[kv[i]] = kv[i+1]; kv[i+1] == "" {
				delete(out, kv[i])
			}
		}
		return out
	}
	session := with(alice, "user", "", "fingerprint", "aa:bb", "private_key_file", "/sessions/key.pem", "region", "eu-frankfurt-1",
		"security_token_file", "/home/alice/.oci/sessions/token", "profile", "SESSION")
	prod := with(alice, "region", "us-phoenix-1", "pass_phrase", "other", "profile", "PROD")
	for _, tt := range []struct {
		name, option string
		env          map[string]string
		want         map[string]string
	}{
		{"DEFAULT by default", "", nil, alice},
		{"by the environment", "", map[string]string{"OCI_CLI_PROFILE": "SESSION"}, session},
		{"by the option", "PROD", nil, prod},
		{"by the option over the environment", "PROD", map[string]string{"OCI_CLI_PROFILE": "SESSION"}, prod},
		{"a region of the environment", "", map[string]string{"OCI_CLI_REGION": "uk-london-1"}, with(alice, "region", "uk-london-1")},
	} {
		getenv := func(name string) string {
			if name == "HOME" {
				return "/home/alice"
			}
			return tt.env[name]
		}
		values, err := parseConfig([]byte(twoProfiles), getenv)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := chooseProfile(values, tt.option)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got = maps.Clone(got)
		maps.DeleteFunc(got, func(k, _ string) bool { return k == profilesKey || strings.Contains(k, "/") })
		if !maps.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestLinesAreReadAsTheVendorReadsThem.
func TestLinesAreReadAsTheVendorReadsThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, field, want string }{
		{"blanks around", "[DEFAULT]\n  user  =  ocid1.user.oc1..a  \n", "user", "ocid1.user.oc1..a"},
		{"lines of another system", "[DEFAULT]\r\nuser=a\r\nregion=r\r\n", "user", "a"},
		{"a byte order mark", "\ufeff[DEFAULT]\nuser=a\n", "user", "a"},
		{"a colon", "[DEFAULT]\nuser: a\n", "user", "a"},
		{"colons in the value", "[DEFAULT]\nfingerprint=20:3b:97\n", "fingerprint", "20:3b:97"},
		{"an equals sign in the value", "[DEFAULT]\npass_phrase: a=b\n", "pass_phrase", "a=b"},
		{"a value like a comment", "[DEFAULT]\npass_phrase=a#b;c\n", "pass_phrase", "a#b;c"},
		{"keys in capitals", "[DEFAULT]\nUser=a\n", "user", "a"},
		{"the last of two", "[DEFAULT]\nuser=a\nuser=b\n", "user", "b"},
		{"a profile in two parts", "[DEFAULT]\nuser=a\n[B]\nuser=c\n[DEFAULT]\nregion=r\n", "region", "r"},
		{"text after the name", "[DEFAULT] # mine\nuser=a\n", "user", "a"},
		{"a name with blanks", "[ DEFAULT ]\nuser=a\n", "user", "a"},
		{"unknown keys", "[DEFAULT]\nlog_requests=true\nuser=a\n", "user", "a"},
		{"an empty value", "[DEFAULT]\nuser=\n", "user", ""},
		{"a key file at home", "[DEFAULT]\nkey_file=~/.oci/key.pem\n", "private_key_file", "/home/alice/.oci/key.pem"},
		{"a key file elsewhere", "[DEFAULT]\nkey_file=/etc/~/key.pem\n", "private_key_file", "/etc/~/key.pem"},
		{"a key in the file", "[DEFAULT]\nkey_content=PEM\n", "private_key", "PEM"},
	} {
		values, err := parseConfig([]byte(tt.text), func(name string) string { return map[string]string{"HOME": "/home/alice"}[name] })
		if err != nil || values[tt.field] != tt.want {
			t.Errorf("%s: %s is %q, %v, want %q", tt.name, tt.field, values[tt.field], err, tt.want)
		}
	}
}

func TestProfileMistakesAreExplained(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, profile, option, want string }{
		{"unknown in the environment", twoProfiles, "STAGE", "", "no profile STAGE (there are: DEFAULT, SESSION, PROD)"},
		{"unknown as an option", twoProfiles, "", "STAGE", "no profile STAGE in the configuration file (there are: DEFAULT, SESSION, PROD)"},
		{"no DEFAULT and none chosen", "[A]\nuser=u\n[B]\nuser=v\n", "", "", "no profile DEFAULT in the configuration file (there are: A, B)"},
		{"empty", "\n# nothing\n", "", "", "no profile: a line like [DEFAULT]"},
		{"no value", "[DEFAULT]\nuser\n", "", "", "line 2: expected key=value or [PROFILE]"},
		{"no profile yet", "user=u\n[DEFAULT]\n", "", "", "line 1: a key before the first [PROFILE]"},
		{"an open bracket", "[DEFAULT\n", "", "", "line 1: the profile's name does not end with ]"},
	} {
		values, err := parseConfig([]byte(tt.text), func(string) string { return tt.profile })
		if tt.profile == "" && err == nil {
			_, err = chooseProfile(values, tt.option)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestNoDefaultProfileIsNeededWhereOneIsChosen(t *testing.T) {
	t.Parallel()
	values, err := parseConfig([]byte("[A]\ntenancy=a\n[B]\ntenancy=b\n"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	got, err := chooseProfile(values, "B")
	if err != nil || got["tenancy"] != "b" {
		t.Errorf("got %v, %v, want the tenancy of B", got, err)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(twoProfiles), "PROD")
	f.Add([]byte("\ufeff[DEFAULT]\r\nuser = a\r\n"), "")
	f.Add([]byte("[a/b]\nuser=c\n[a]\nuser=d\n"), "a")
	f.Fuzz(func(t *testing.T, data []byte, wanted string) {
		values, err := parseConfig(data, func(name string) string {
			if name == profileEnv {
				return wanted
			}
			return ""
		})
		if err != nil {
			return
		}
		names := strings.FieldsFunc(values[profilesKey], func(c rune) bool { return c == '\n' })
		if len(names) == 0 && strings.TrimSpace(values[profilesKey]) != "" {
			t.Errorf("profiles %q are none", values[profilesKey])
		}
		for _, name := range names {
			if chosen, err := chooseProfile(values, name); err != nil || chosen["profile"] != name {
				t.Errorf("profile %q is there and cannot be chosen: %v, %v", name, chosen, err)
			}
		}
	})
}
