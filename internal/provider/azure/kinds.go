package azure

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// kind is one service: what Resource Graph calls it, which columns its resources need beyond the common ones, and how
// a row becomes a resource.
type kind struct {
	service  string
	kind     string // Resource.Type
	arm      string // the resource type, lower case; also the namespace of its metrics
	columns  []string
	keeps    func(*row) bool // of several kinds with one resource type, and of the system's own; nil = all
	resource func(*row) cloud.Resource
	machines func(*row) []machines // the virtual machines that it is made of; nil = it tells none
	metrics  []metric
}

func kinds() []kind {
	return []kind{
		vmKind(), scaleSetKind(), clusterKind(), functionKind(), webAppKind(), containerAppKind(), sqlKind(), postgresKind(),
	}
}

func kindOf(service string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.service == service })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// services describes the kinds to users. The names of metrics and their step are in Microsoft's list of supported
// metrics; that they come one to two minutes late is from "Azure Monitor Metrics overview".
func services() []provider.Service {
	about := []provider.Service{
		{Title: "Virtual Machines", Aliases: []string{"virtual_machines"}, Classes: []cloud.Class{cloud.Compute, cloud.GPUs}},
		{Title: "Virtual Machine Scale Sets", Aliases: []string{"vmss"}, Classes: []cloud.Class{cloud.Compute, cloud.GPUs}},
		{Title: "Kubernetes Service", Aliases: []string{"kubernetes"}, Classes: []cloud.Class{cloud.Containers, cloud.GPUs}},
		{Title: "Function Apps", Aliases: []string{"function_apps"}, Classes: []cloud.Class{cloud.Functions}},
		{Title: "Web Apps", Aliases: []string{"app_service"}, Classes: []cloud.Class{cloud.Compute}},
		{Title: "Container Apps", Classes: []cloud.Class{cloud.Containers}},
		{Title: "SQL Database", Aliases: []string{"sql_database"}, Classes: []cloud.Class{cloud.Database}},
		{Title: "Database for PostgreSQL", Aliases: []string{"postgres"}, Classes: []cloud.Class{cloud.Database}},
	}
	for i, k := range kinds() {
		s := &about[i]
		s.Name = k.service
		s.Permission = "Reader; Monitoring Reader for metrics"
		s.Delay, s.Step = 2*time.Minute, time.Minute
		for _, m := range k.metrics {
			s.Metrics = append(s.Metrics, m.name)
		}
	}
	return about
}

// row is a row of the query: the common columns, and those of every kind. What a resource does not have is null.
type row struct {
	ID, Name, Type, Kind, Location string
	SubscriptionID, ResourceGroup  string
	SKU                            sku
	Tags                           map[string]string
	Zones                          []string
	Provisioning                   string
	Properties                     json.RawMessage // only where an answer has it whole

	// Virtual machines; Created is of scale sets too.
	Power, Size, Priority, OS, License, ScaleSet, Created string
	DiskGB                                                number
	Image                                                 struct{ Publisher, Offer, SKU string }

	ScaleOS, ScalePriority, ScaleLicense, Mode string // scale sets

	ClusterPower, ClusterVersion, RunningVersion, FQDN, NodeGroup string // clusters
	Pools                                                         []agentPool

	State, HostName, SitePlan, LastModified string // sites; State is of PostgreSQL servers too
	Runtime                                 struct{ Name, Version string }
	HTTPSOnly                               *bool

	Running, Ingress, Revision, Environment, Workload string // container apps
	Containers                                        []container
	MinReplicas, MaxReplicas                          number

	DBStatus, Objective, ElasticPool, DBCreated string // SQL databases
	MaxBytes, MinCapacity, AutoPause            number
	ZoneRedundant                               *bool

	DBVersion, DBHost, HA string // PostgreSQL servers
	StorageGB             number
}

type sku struct {
	Name, Tier, Family string
	Capacity           number
}

// item is a resource and the machines that it is made of.
type item struct {
	cloud.Resource
	machines []machines
}

// byType are the kinds by resource type.
func byType() map[string][]kind {
	all := map[string][]kind{}
	for _, k := range kinds() {
		all[k.arm] = append(all[k.arm], k)
	}
	return all
}

// region is a region's name as Azure Resource Manager writes it; App Service and people write "West Europe".
func region(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "")) }

// complete fills in what the row tells elsewhere: its subscription by its id, and by "properties" the columns of its
// type, where an answer has rows as Resource Graph keeps them instead of the columns that were asked for.
func (r *row) complete(types map[string][]kind) {
	if parts := strings.Split(r.ID, "/"); r.SubscriptionID == "" && len(parts) > 2 && strings.EqualFold(parts[1], "subscriptions") {
		r.SubscriptionID = parts[2]
	}
	r.SubscriptionID = strings.ToLower(r.SubscriptionID)
	var properties map[string]any
	if len(r.Properties) == 0 || json.Unmarshal(r.Properties, &properties) != nil {
		return
	}
	found := map[string]any{}
	for _, k := range types[strings.ToLower(r.Type)] {
		for _, c := range append(k.columns, "provisioning=properties.provisioningState") {
			column, path, _ := strings.Cut(c, "=properties.")
			if v := dig(properties, path); v != nil {
				found[column] = v
			}
		}
	}
	data, err := json.Marshal(found)
	if err == nil {
		_ = json.Unmarshal(data, r) // as far as it is of the published form
	}
}

// dig returns what a path leads to; nil where it leads nowhere.
func dig(from map[string]any, path string) any {
	key, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return from[key]
	}
	next, _ := from[key].(map[string]any)
	return dig(next, rest)
}

// item makes the row's resource; false where none of the kinds keeps it.
func (r *row) item(types map[string][]kind) (out item, ok bool) {
	for _, k := range types[strings.ToLower(r.Type)] {
		if k.keeps != nil && !k.keeps(r) {
			continue
		}
		out.Resource = k.resource(r)
		out.Service, out.Type = k.service, k.kind
		if k.machines != nil {
			out.machines = k.machines(r)
		}
		return out, true
	}
	return item{}, false
}

// base returns what every resource has.
func (r *row) base() cloud.Resource {
	out := cloud.Resource{
		Region: region(r.Location), ID: r.ID, Name: r.Name, Status: cloud.StatusUnknown, CreatedAt: moment(r.Created + r.DBCreated),
	}
	for key, value := range r.Tags {
		out.Tags = append(out.Tags, cloud.Tag{Key: key, Value: value})
	}
	slices.SortFunc(out.Tags, func(a, b cloud.Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// attrs collects what is known, in order.
type attrs []cloud.Attr

func (r *row) attrs() attrs {
	var a attrs
	a.text("resource_group", r.ResourceGroup)
	a.texts("zones", r.Zones)
	return a
}

func (a *attrs) text(name, v string) {
	if v != "" {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) texts(name string, v []string) {
	if len(v) > 0 {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) number(name string, v number) {
	if v.known {
		*a = append(*a, cloud.Attr{Name: name, Value: v.value})
	}
}

func (a *attrs) known(name string, v float64) {
	if v != 0 {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) flag(name string, v *bool) {
	if v != nil {
		*a = append(*a, cloud.Attr{Name: name, Value: *v})
	}
}

func (a *attrs) time(name, v string) {
	if at := moment(v); !at.IsZero() {
		*a = append(*a, cloud.Attr{Name: name, Value: at})
	}
}

// moment reads a time, which App Service writes without a zone and means as UTC; zero where it is none.
func moment(v string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} { // both read fractions too
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// provisioning says how the last change ended, where it did not end well.
func (a *attrs) provisioning(r *row) {
	if r.Provisioning != "" && !strings.EqualFold(r.Provisioning, "Succeeded") {
		a.text("provisioning_state", r.Provisioning)
	}
}

// changing is the status that a provisioning state means by itself; unknown where it says nothing of the run state.
func changing(provisioning string) cloud.Status {
	switch strings.ToLower(provisioning) {
	case "creating", "accepted", "provisioning", "starting", "inprogress":
		return cloud.StatusStarting
	case "deleting", "stopping":
		return cloud.StatusStopping
	case "failed", "canceled":
		return cloud.StatusFailed
	}
	return cloud.StatusUnknown
}
