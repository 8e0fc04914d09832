package oracle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	defaultProfile = "DEFAULT"
	profilesKey    = "profiles" // the names of all profiles of the file, in its order, one a line
	profileEnv     = "OCI_CLI_PROFILE"
	regionEnv      = "OCI_CLI_REGION"
)

// profile is one section of a configuration file: values by key.
type profile map[string]string

// parseConfig reads an OCI configuration file (docs.oracle.com/iaas/Content/API/Concepts/sdkconfig.htm) into the fields
// of the credential: those of the profile that OCI_CLI_PROFILE names, else of DEFAULT, else of the first one. The
// values of every profile are there as "PROFILE/field" as well, so that options.profile can choose another.
func parseConfig(data []byte, getenv func(string) string) (map[string]string, error) {
	names, profiles, err := readProfiles(data)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("it has no profile: a line like [DEFAULT]")
	}
	wanted := getenv(profileEnv)
	if wanted != "" && profiles[wanted] == nil {
		return nil, fmt.Errorf("it has no profile %s (there are: %s)", wanted, strings.Join(names, ", "))
	}
	out := map[string]string{profilesKey: strings.Join(names, "\n")}
	for _, name := range names {
		for field, v := range profiles[name].fields(profiles[defaultProfile], getenv("HOME")) {
			out[name+"/"+field] = v
		}
	}
	if wanted == "" {
		wanted = defaultProfile
	}
	base := wanted
	if profiles[base] == nil {
		base = names[0]
	}
	maps.Copy(out, fieldsOf(out, base))
	out["profile"] = wanted
	if region := getenv(regionEnv); region != "" {
		out["region"] = region
	}
	return out, nil
}

// fieldsOf returns the fields of one profile out of what parseConfig returned.
func fieldsOf(values map[string]string, name string) map[string]string {
	out := map[string]string{}
	for key, v := range values {
		if field, ok := strings.CutPrefix(key, name+"/"); ok {
			out[field] = v
		}
	}
	return out
}

// fields returns the credential that a profile is. As the vendor's command line does, it takes what the profile does
// not say from DEFAULT; but a profile with a session token of its own is no user.
func (p profile) fields(fallback profile, home string) map[string]string {
	all := maps.Clone(fallback)
	if all == nil {
		all = profile{}
	}
	if p["security_token_file"] != "" {
		delete(all, "user")
	} else {
		delete(all, "security_token_file")
	}
	maps.Copy(all, p)
	out := map[string]string{}
	for field, key := range map[string]string{
		"tenancy": "tenancy", "user": "user", "fingerprint": "fingerprint", "region": "region",
		"private_key_file": "key_file", "private_key": "key_content", "pass_phrase": "pass_phrase",
		"security_token_file": "security_token_file",
	} {
		if v := all[key]; v != "" {
			out[field] = v
		}
	}
	for _, field := range []string{"private_key_file", "security_token_file"} {
		if rest, ok := strings.CutPrefix(out[field], "~/"); ok && home != "" {
			out[field] = home + "/" + rest
		}
	}
	return out
}

// readProfiles reads the INI form as the vendor's command line does: [PROFILE] lines, key = value or key: value lines,
// and comments that start with # or ;.
func readProfiles(data []byte) (names []string, profiles map[string]profile, err error) {
	profiles = map[string]profile{}
	var current profile
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			end := strings.IndexByte(line, ']')
			if end < 0 {
				return nil, nil, fmt.Errorf("line %d: the profile's name does not end with ]", n)
			}
			name := strings.TrimSpace(line[1:end])
			if profiles[name] == nil {
				profiles[name] = profile{}
				names = append(names, name)
			}
			current = profiles[name]
		default:
			at := strings.IndexAny(line, "=:")
			if at < 0 {
				return nil, nil, fmt.Errorf("line %d: expected key=value or [PROFILE]", n)
			}
			if current == nil {
				return nil, nil, fmt.Errorf("line %d: a key before the first [PROFILE]", n)
			}
			current.set(strings.ToLower(strings.TrimSpace(line[:at])), strings.TrimSpace(line[at+1:]))
		}
	}
	return names, profiles, lines.Err()
}

// set keeps a value; "passphrase" is another spelling of pass_phrase.
func (p profile) set(key, value string) {
	if key == "passphrase" {
		key = "pass_phrase"
	}
	p[key] = value
}

// chooseProfile returns the credential's values with those of the wanted profile in place; where the credential does
// not come from a configuration file, there is nothing to choose.
func chooseProfile(values map[string]string, wanted string) (map[string]string, error) {
	names := strings.FieldsFunc(values[profilesKey], func(c rune) bool { return c == '\n' })
	if len(names) == 0 {
		return values, nil
	}
	if wanted == "" {
		wanted = values["profile"]
	}
	if !slices.Contains(names, wanted) {
		return nil, fmt.Errorf("no profile %s in the configuration file (there are: %s)", wanted, strings.Join(names, ", "))
	}
	if wanted == values["profile"] {
		return values, nil
	}
	out := fieldsOf(values, wanted)
	out["profile"] = wanted
	return out, nil
}
