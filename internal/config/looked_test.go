package config

import "testing"

func TestPlacesThatHaveNoCredentialReadWell(t *testing.T) {
	t.Parallel()
	for want, looked := range map[string][]string{
		"it can be nowhere":                                            nil,
		"looked in the environment for A":                              {"environment A"},
		"looked in the environment for A and B":                        {"environment A", "environment B"},
		"looked in ~/.x":                                               {"~/.x"},
		"looked for this machine's own identity":                       {ownIdentity},
		"looked in the environment for A, B and C, and in $D and ~/.x": {"environment A", "environment B", "$D", "~/.x", "environment C"},
		"looked in the environment for A, and in ~/.x, and for this machine's own identity":                   {"environment A", "~/.x", ownIdentity},
		"looked in the environment for the variable of providers.vastai.auth.env_api_key, and in ~/.x and $D": {"environment variable of providers.vastai.auth.env_api_key", "~/.x", "$D"},
	} {
		if got := NotFound(looked); got != "no credential found: "+want {
			t.Errorf("%q:\n got %s\nwant %s", looked, got, want)
		}
	}
}
