package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// finding is one line of the doctor's report.
type finding struct {
	Provider string `json:"provider"`
	Step     string `json:"step"`  // credential, identity, scopes, or a service's name
	State    string `json:"state"` // ok, failed, partial, skipped
	Detail   string `json:"detail"`
	Hint     string `json:"hint,omitempty"`
}

// The states of findings.
const (
	stateOK      = "ok"
	stateFailed  = "failed"
	statePartial = "partial"
	stateSkipped = "skipped"
)

func (a *app) doctorCommand(registry provider.Registry) *cobra.Command {
	o := listOptions{registry: registry, color: "auto", concurrency: 50}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor [PROVIDER...]",
		Short: "Check each provider: credential, identity, and what it may read",
		Long: `Check each provider: where its credential was found, whom the provider takes us for, and for each service whether
it is readable or which permission is missing. Providers are named as words or by their flags; without either it checks
every provider.`,
		Example:   "  cloudtop doctor\n  cloudtop doctor oracle vast\n  cloudtop doctor --oracle --ai vast\n  cloudtop doctor --json",
		ValidArgs: registry.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.askedProviders(); err != nil {
				return err
			}
			if err := o.alsoNamed(args); err != nil {
				return err
			}
			if err := o.readConfig(a); err != nil {
				return err
			}
			return a.doctor(cmd.Context(), &o, asJSON)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&o.all, "all", "a", false, "every provider (the default)")
	o.addProviders(f, registry)
	completeNames(cmd, registry)
	f.StringVar(&o.config, "config", "", "configuration `file` (default ~/.config/cloudtop/config.json)")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	f.BoolVar(&o.demo, "demo", false, "check the simulated clouds (also CLOUDTOP_DEMO=1)")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every call on stderr")
	return cmd
}

// alsoNamed asks for the providers of args, beside those of the flags.
func (o *listOptions) alsoNamed(args []string) error {
	for _, name := range args {
		s, ok := o.registry.Lookup(name)
		if !ok {
			known := o.registry.Names()
			for _, s := range o.registry {
				known = append(known, s.Aliases...)
			}
			return usagef("%q is no provider%s: expected one of %s", name, nearest.Hint(name, known), strings.Join(o.registry.Names(), ", "))
		}
		if !slices.Contains(o.asked, s.Name) {
			o.asked = append(o.asked, s.Name)
		}
	}
	return nil
}

// doctor examines all targets at once and reports them in order.
func (a *app) doctor(ctx context.Context, o *listOptions, asJSON bool) error {
	targets, err := a.targets(o)
	if err != nil {
		return err
	}
	reports := make([][]finding, len(targets))
	var wg sync.WaitGroup
	for i := range targets {
		wg.Go(func() { reports[i] = examine(ctx, &targets[i]) })
	}
	wg.Wait()
	all := slices.Concat(reports...)
	if asJSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(all)
	} else {
		_, err = fmt.Fprint(a.out, a.report(targets, reports))
	}
	if err != nil {
		return err
	}
	return verdict(all)
}

// verdict is how the check ends: whether anyone was let in at all, then whether all is well.
func verdict(all []finding) error {
	has := func(test func(finding) bool) bool { return slices.ContainsFunc(all, test) }
	switch {
	case !has(func(f finding) bool { return f.State == stateOK && f.Step == "identity" }):
		return &codeError{code: exitAuth}
	case has(func(f finding) bool { return f.State == stateFailed || f.State == statePartial }):
		return &codeError{code: exitIncomplete}
	}
	return nil
}

// examine checks one provider, step by step; a step that fails ends it.
func examine(ctx context.Context, t *collector.Target) []finding {
	name := t.Spec.Name
	if t.Skip != "" {
		return []finding{{Provider: name, Step: "credential", State: stateSkipped, Detail: t.Skip, Hint: signIn(t.Spec)}}
	}
	if t.Err != nil {
		return []finding{failure(name, "credential", t.Err)}
	}
	conn := provider.NewConn(t.Spec)
	if err := conn.Initialize(ctx, &t.Config); err != nil {
		return []finding{failure(name, "credential", err)}
	}
	defer func() { _ = conn.Close() }()
	out := []finding{{Provider: name, Step: "credential", State: stateOK, Detail: conn.Config().Credential.String()}}
	if broken := conn.Guard(func() { out = append(out, examineConn(ctx, conn)...) }); broken != nil {
		out = append(out, failure(name, "services", broken))
	}
	return out
}

// examineConn checks what a credential is good for.
func examineConn(ctx context.Context, conn *provider.Conn) []finding {
	var out []finding
	name := conn.Name()
	who, err := identity(ctx, conn)
	if err != nil {
		return append(out, failure(name, "identity", conn.Blame(err)))
	}
	out = append(out, finding{Provider: name, Step: "identity", State: stateOK, Detail: who})
	scopes, err := provider.Gather(conn.Scopes(ctx))
	if len(scopes) == 0 && err != nil {
		return append(out, failure(name, "scopes", conn.Blame(err)))
	}
	found := finding{Provider: name, Step: "scopes", State: stateOK, Detail: describeScopes(scopes)}
	if err != nil {
		f := failure(name, "scopes", conn.Blame(err))
		found.State, found.Detail, found.Hint = statePartial, found.Detail+"; "+f.Detail, f.Hint
	}
	return append(append(out, found), examineServices(ctx, conn, scopes)...)
}

// identity asks whom the provider takes us for, with the cheapest call that proves the credential.
func identity(ctx context.Context, conn *provider.Conn) (string, error) {
	id, ok := conn.Driver().(provider.Identifier)
	if !ok {
		return "accepted", conn.HealthCheck(ctx)
	}
	who, err := id.Identity(ctx)
	if err != nil {
		return "", err
	}
	parts := slices.DeleteFunc([]string{who.User, who.Account, who.Detail}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", "), nil
}

func describeScopes(scopes []cloud.Scope) string {
	var accounts, regions, compartments []string
	for _, s := range scopes {
		accounts, regions, compartments = append(accounts, s.Account), append(regions, s.Region), append(compartments, s.Compartment)
	}
	parts := []string{count(accounts, "account")}
	if n := count(compartments, "compartment"); n != "" {
		parts = append(parts, n)
	}
	if n := count(regions, "region"); n != "" {
		parts = append(parts, n)
	}
	return strings.Join(parts, ", ")
}

// count says how many different names there are; empty ones do not count.
func count(names []string, noun string) string {
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "1 " + noun + " (" + names[0] + ")"
	}
	return fmt.Sprintf("%d %ss", len(names), noun)
}

// examineServices tries to read the first row of every service in every scope.
func examineServices(ctx context.Context, conn *provider.Conn, scopes []cloud.Scope) []finding {
	services := conn.Services(nil)
	out := make([]finding, len(services))
	var wg sync.WaitGroup
	for i, svc := range services {
		wg.Go(func() { out[i] = examineService(ctx, conn, svc, provider.Units(scopes, []provider.Service{svc})) })
	}
	wg.Wait()
	return out
}

func examineService(ctx context.Context, conn *provider.Conn, svc provider.Service, queries []cloud.Query) finding {
	errs := make([]error, len(queries))
	var wg sync.WaitGroup
	for i, q := range queries {
		wg.Go(func() {
			broken := conn.Guard(func() {
				for _, err := range conn.Driver().List(ctx, q) {
					errs[i] = err
					break
				}
			})
			errs[i] = cmp.Or(broken, errs[i])
		})
	}
	wg.Wait()
	f := finding{Provider: conn.Name(), Step: svc.Name, State: stateOK, Detail: "readable"}
	bad := 0
	for i, err := range errs {
		if err == nil {
			continue
		}
		if bad++; bad == 1 {
			f = failure(conn.Name(), svc.Name, conn.Blame(err))
			if where := place(queries[i].Scope); where != "" {
				f.Detail = where + ": " + f.Detail
			}
			if cloud.KindOf(err) == cloud.KindDenied && svc.Permission != "" {
				f.Hint = "the credential needs: " + svc.Permission
			}
		}
	}
	if bad > 0 && bad < len(queries) {
		f.State, f.Detail = statePartial, fmt.Sprintf("not readable in %d of %d places; %s", bad, len(queries), f.Detail)
	}
	return f
}

func place(s cloud.Scope) string {
	parts := slices.DeleteFunc([]string{s.Compartment, s.Region}, func(p string) bool { return p == "" })
	return strings.Join(parts, " ")
}

func failure(name, step string, err error) finding {
	f := finding{Provider: name, Step: step, State: stateFailed, Detail: err.Error()}
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		f.Hint = e.Hint
	}
	return f
}

// signIn says how to give a provider a credential.
func signIn(s *provider.Spec) string {
	for _, m := range s.Auth {
		if m.Help != "" {
			return m.Help
		}
	}
	return ""
}

// report lays the findings out for a person.
func (a *app) report(targets []collector.Target, reports [][]finding) string {
	glyph := map[string]string{stateOK: "ok", stateFailed: "FAILED", statePartial: "PARTIAL", stateSkipped: "skipped"}
	var b strings.Builder
	for i := range targets {
		fmt.Fprintf(&b, "%s\n", targets[i].Spec.Title)
		for _, f := range reports[i] {
			fmt.Fprintf(&b, "  %-8s %-14s %s\n", glyph[f.State], f.Step, f.Detail)
			if f.Hint != "" {
				fmt.Fprintf(&b, "  %-8s %-14s -> %s\n", "", "", f.Hint)
			}
		}
	}
	return b.String()
}
