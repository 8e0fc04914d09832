package provider

import (
	"errors"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestBlameNamesTheCredentialThatWasRefusedAndNoOther(t *testing.T) {
	t.Parallel()
	spec := &Spec{Name: "acme", Auth: []AuthMethod{{Name: "api_key", Fields: []AuthField{
		{Name: "api_key", Env: []string{"ACME_KEY"}}, {Name: "price_key", Env: []string{"ACME_PRICE_KEY"}, Optional: true},
	}}}}
	place := Place{Text: "environment MY_KEY", Instead: map[string]string{"ACME_KEY": "MY_KEY"}}
	for name, c := range map[string]struct {
		err   *cloud.Error
		place Place
		want  string
	}{
		"refused":            {&cloud.Error{Kind: cloud.KindAuth, Hint: "set ACME_KEY"}, place, "the credential from environment MY_KEY was refused; set MY_KEY"},
		"without a hint":     {&cloud.Error{Kind: cloud.KindAuth}, place, "the credential from environment MY_KEY was refused"},
		"longer names":       {&cloud.Error{Kind: cloud.KindAuth, Hint: "ACME_KEY2, MY_ACME_KEY"}, place, "the credential from environment MY_KEY was refused; ACME_KEY2, MY_ACME_KEY"},
		"denied":             {&cloud.Error{Kind: cloud.KindDenied, Hint: "set ACME_KEY"}, place, "set ACME_KEY"},
		"an optional value":  {&cloud.Error{Kind: cloud.KindAuth, Hint: "set ACME_PRICE_KEY"}, place, "set ACME_PRICE_KEY"},
		"from nowhere known": {&cloud.Error{Kind: cloud.KindAuth, Hint: "set ACME_KEY"}, Place{}, "set ACME_KEY"},
	} {
		conn := Conn{spec: spec, config: ProviderConfig{Credential: Credential{Method: "api_key", Place: c.place}}}
		before := *c.err
		got, ok := errors.AsType[*cloud.Error](conn.Blame(c.err))
		if !ok || got.Hint != c.want || *c.err != before {
			t.Errorf("%s: got hint %q, want %q", name, got.Hint, c.want)
		}
	}
}
