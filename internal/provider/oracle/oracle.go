// Package oracle reads Oracle Cloud Infrastructure: compute, container instances, Kubernetes clusters, autonomous
// databases, their metrics and their list prices. The calls are hand-written and signed by the vendor's SDK; wire
// types hold only the fields that are used.
package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const name = "oracle"

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	s, err := credential(&env)
	if err != nil {
		return nil, err
	}
	d := &driver{
		config: &env.Config, signer: s, signing: newSigning(), now: env.Now, notes: newNotes(), prices: newPriceList(),
		treeTurn: make(chan struct{}, 1),
	}
	d.api = env.API("", d.sign)
	return d, nil
}

// credential returns the signer that the configuration asks for.
func credential(env *provider.Env) (signer, error) {
	cfg := &env.Config
	if cfg.Credential.Method == methodEnvironment && cfg.Credential.Values["fingerprint"] == "" {
		if cfg.Credential.Values["rpst"] != "" {
			return newResourcePrincipal(cfg.Credential.Values, cfg.ReadFile)
		}
		return newInstancePrincipal(env.HTTP, env.API("", nil), env.Now), nil
	}
	values, err := chooseProfile(cfg.Credential.Values, cfg.Option("profile"))
	if err != nil {
		return nil, authError(err.Error(), "set options.profile or "+profileEnv+" to one that exists")
	}
	return newUser(values, cfg.ReadFile, env.Now)
}

// driver reads one tenancy.
type driver struct {
	config  *provider.ProviderConfig
	api     *httpx.API
	signer  signer
	signing chan struct{} // held by whoever signs
	now     func() time.Time
	notes   *notes
	prices  *priceList

	noSubtree atomic.Bool // metrics of the whole tenancy may not be read at once

	treeTurn chan struct{} // held by whoever reads or replaces tree
	tree     *tree         // the last one that was read
}

// at returns a service's address in a region.
func (d *driver) at(ctx context.Context, api, region string) (string, error) {
	tenancy, _, err := d.signer.whose(ctx)
	return endpoint(api, region, domainOf(tenancy)), err
}

// Check reads the tenancy's name. Whoever may not read it has a good credential all the same.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.tenancyName(ctx)
	if cloud.KindOf(err) == cloud.KindDenied {
		return nil
	}
	return err
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	tenancy, region, err := d.signer.whose(ctx)
	if err != nil {
		return cloud.Identity{}, err
	}
	id := cloud.Identity{Account: tenancy, Detail: "region " + region}
	if u, ok := d.signer.(*user); ok {
		id.User = u.values["user"]
		if p := u.values["profile"]; p != "" {
			id.Detail = "profile " + p + ", " + id.Detail
		}
	}
	named, err := d.tenancyName(ctx)
	if cloud.KindOf(err) == cloud.KindDenied {
		return id, nil
	}
	if err == nil && named != "" {
		id.Account = named
	}
	return id, err
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		compartment, err := d.compartment(ctx, q.Scope.Compartment)
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		for r, err := range d.service(ctx, place{q, compartment}) {
			if !yield(r, withPolicy(err, q)) {
				return
			}
		}
	}
}

// place is a query and the OCID of its compartment.
type place struct {
	cloud.Query
	compartment string
}

func (d *driver) service(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	switch p.Service {
	case compute:
		return d.instances(ctx, p)
	case containers:
		return d.containerInstances(ctx, p)
	case oke:
		return d.kubernetes(ctx, p)
	case autonomous:
		return d.databases(ctx, p)
	}
	return provider.NoService(name, p.Service)
}

// classify reads {"code","message"} (docs.oracle.com/iaas/Content/API/References/apierrors.htm). Oracle answers 404
// NotAuthorizedOrNotFound for what a credential may not see.
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var e struct{ Code, Message string }
	_ = json.Unmarshal(body, &e) // a gateway's page has neither
	f := httpx.Fault{Code: e.Code, Detail: e.Message}
	switch {
	case status == http.StatusUnauthorized:
		f.Hint = "check user, tenancy, fingerprint and key_file of the profile, that the key is still in the console " +
			"(your profile, API keys), that the tenancy is subscribed to the region, and this machine's clock"
	case status == http.StatusNotFound && e.Code == "NotAuthorizedOrNotFound":
		f.Kind = cloud.KindDenied
	case e.Code == "TooManyRequests":
		f.Kind = cloud.KindThrottled
	}
	return f
}

// partially returns err as something missing from a sequence that goes on; what ends a provider or a context, and
// what is partial already, stays what it is.
func partially(err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return err
	}
	switch e.Kind {
	case cloud.KindAuth, cloud.KindCancelled, cloud.KindTimeout, cloud.KindPartial:
		return err
	default:
		return &cloud.Error{Kind: cloud.KindPartial, Op: e.Op, Detail: e.Message(), Hint: e.Hint, Err: e}
	}
}
