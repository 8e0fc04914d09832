package sdk

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/appservice/armappservice/v5"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v6"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/monitor/armmonitor"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/postgresql/armpostgresqlflexibleservers/v5"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/sql/armsql"

	"github.com/adsops/cloudtop/internal/sim"
)

// tally reads all pages, and counts under the word that each resource is given; "" counts nothing.
func tally[P any](ctx context.Context, t *testing.T, into map[string]int, pager *runtime.Pager[P], of func(P) []string) {
	t.Helper()
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range of(page) {
			if w != "" {
				into[w]++
			}
		}
	}
}

// words applies word to every element.
func words[T any](all []*T, word func(*T) string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = word(v)
	}
	return out
}

// power is the power state among a machine's statuses.
func power(v *armcompute.VirtualMachineInstanceView) string {
	for _, s := range v.Statuses {
		if word, ok := strings.CutPrefix(*s.Code, "PowerState/"); ok {
			return word
		}
	}
	return ""
}

// made makes a client that must be made.
func made[C any](t *testing.T) func(*C, error) *C {
	return func(c *C, err error) *C {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// TestAzuresOwnClientsListEveryService lists each service by its own resource provider, as the vendor's clients do, and
// counts by service and state.
func TestAzuresOwnClientsListEveryService(t *testing.T) {
	t.Parallel()
	a, ctx := officialAzure(t, 3000), t.Context()
	got := map[string]int{}
	for _, id := range a.truth.Accounts {
		vms := made[armcompute.VirtualMachinesClient](t)(armcompute.NewVirtualMachinesClient(id, a.cred, a.arm()))
		tally(ctx, t, got, vms.NewListAllPager(&armcompute.VirtualMachinesClientListAllOptions{StatusOnly: to.Ptr("true")}), func(p armcompute.VirtualMachinesClientListAllResponse) []string {
			return words(p.Value, func(v *armcompute.VirtualMachine) string {
				if state := power(v.Properties.InstanceView); state != "" {
					return "vms " + state
				}
				return "vms " + *v.Properties.ProvisioningState
			})
		})
		sets := made[armcompute.VirtualMachineScaleSetsClient](t)(armcompute.NewVirtualMachineScaleSetsClient(id, a.cred, a.arm()))
		tally(ctx, t, got, sets.NewListAllPager(nil), func(p armcompute.VirtualMachineScaleSetsClientListAllResponse) []string {
			return words(p.Value, func(v *armcompute.VirtualMachineScaleSet) string {
				return "scale_sets " + *v.Properties.ProvisioningState
			})
		})
		clusters := made[armcontainerservice.ManagedClustersClient](t)(armcontainerservice.NewManagedClustersClient(id, a.cred, a.arm()))
		tally(ctx, t, got, clusters.NewListPager(nil), func(p armcontainerservice.ManagedClustersClientListResponse) []string {
			return words(p.Value, func(v *armcontainerservice.ManagedCluster) string {
				if *v.Properties.ProvisioningState == "Creating" {
					return "aks Creating"
				}
				return "aks " + string(*v.Properties.PowerState.Code)
			})
		})
		sites := made[armappservice.WebAppsClient](t)(armappservice.NewWebAppsClient(id, a.cred, a.arm()))
		tally(ctx, t, got, sites.NewListPager(nil), func(p armappservice.WebAppsClientListResponse) []string {
			return words(p.Value, func(v *armappservice.Site) string {
				if strings.Contains(*v.Kind, "functionapp") {
					return "functions " + *v.Properties.State
				}
				return "web_apps " + *v.Properties.State
			})
		})
		servers := made[armsql.ServersClient](t)(armsql.NewServersClient(id, a.cred, a.arm()))
		databases := made[armsql.DatabasesClient](t)(armsql.NewDatabasesClient(id, a.cred, a.arm()))
		tally(ctx, t, map[string]int{}, servers.NewListPager(nil), func(p armsql.ServersClientListResponse) []string {
			for _, s := range p.Value {
				tally(ctx, t, got, databases.NewListByServerPager(strings.Split(*s.ID, "/")[4], *s.Name, nil), func(p armsql.DatabasesClientListByServerResponse) []string {
					return words(p.Value, func(v *armsql.Database) string {
						if strings.Contains(*v.Kind, "system") {
							return ""
						}
						return "sql " + string(*v.Properties.Status)
					})
				})
			}
			return nil
		})
		postgres := made[armpostgresqlflexibleservers.ServersClient](t)(armpostgresqlflexibleservers.NewServersClient(id, a.cred, a.arm()))
		tally(ctx, t, got, postgres.NewListBySubscriptionPager(nil), func(p armpostgresqlflexibleservers.ServersClientListBySubscriptionResponse) []string {
			return words(p.Value, func(v *armpostgresqlflexibleservers.Server) string {
				return "postgresql " + string(*v.Properties.State)
			})
		})
	}
	want := map[string]int{}
	for _, r := range a.truth.Resources {
		if r.Service != "container_apps" {
			want[r.Service+" "+r.NativeStatus]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAzuresOwnClientsReadOneAndAreToldWhatTheyMayNot(t *testing.T) {
	t.Parallel()
	a := officialAzure(t, 400)
	find := func(keep func(*sim.Resource) bool) (*sim.Resource, string) {
		for i := range a.truth.Resources {
			if r := &a.truth.Resources[i]; keep(r) {
				return r, strings.Split(r.ID, "/")[4]
			}
		}
		t.Fatal("the world has no such resource")
		return nil, ""
	}
	vm, group := find(func(r *sim.Resource) bool { return r.Service == "vms" && r.NativeStatus == "running" })
	machines := made[armcompute.VirtualMachinesClient](t)(armcompute.NewVirtualMachinesClient(vm.Account, a.cred, a.arm()))
	view, err := machines.InstanceView(t.Context(), group, vm.Name, nil)
	if err != nil || power(&view.VirtualMachineInstanceView) != "running" {
		t.Errorf("got %+v, %v; want a running machine", view, err)
	}
	_, err = machines.BeginDeallocate(t.Context(), group, vm.Name, nil)
	if refused, ok := errors.AsType[*azcore.ResponseError](err); !ok || refused.StatusCode != http.StatusForbidden || refused.ErrorCode != "AuthorizationFailed" {
		t.Errorf("a change: got %v, want 403 AuthorizationFailed", err)
	}
	_, err = machines.Get(t.Context(), group, "nobody", nil)
	if refused, ok := errors.AsType[*azcore.ResponseError](err); !ok || refused.ErrorCode != "ResourceNotFound" {
		t.Errorf("a machine that is not there: got %v", err)
	}
	pg, group := find(func(r *sim.Resource) bool { return r.Service == "postgresql" })
	servers := made[armpostgresqlflexibleservers.ServersClient](t)(armpostgresqlflexibleservers.NewServersClient(pg.Account, a.cred, a.arm()))
	server, err := servers.Get(t.Context(), group, pg.Name, nil)
	if err != nil || string(*server.Properties.State) != pg.NativeStatus || *server.Properties.Storage.StorageSizeGB < 32 {
		t.Errorf("got %+v, %v; want state %s", server.Properties, err, pg.NativeStatus)
	}
}

func TestAzuresOwnClientReadsMetricsByPostAndTheirDefinitions(t *testing.T) {
	t.Parallel()
	a := officialAzure(t, 400)
	account, region, ids := a.group("vms", 50)
	metrics := made[armmonitor.MetricsClient](t)(armmonitor.NewMetricsClient(account, a.cred, a.arm()))
	answer, err := metrics.ListAtSubscriptionScopePost(t.Context(), region, &armmonitor.MetricsClientListAtSubscriptionScopePostOptions{
		Body: &armmonitor.SubscriptionScopeMetricsRequestBodyParameters{
			MetricNamespace: to.Ptr("microsoft.compute/virtualmachines"), MetricNames: to.Ptr("Percentage CPU"), Interval: to.Ptr("PT1M"),
			Aggregation: to.Ptr("Average"), Filter: to.Ptr("Microsoft.ResourceId eq '*'"), Top: to.Ptr[int32](7),
		},
	})
	if err != nil || len(answer.Value) != 1 || len(answer.Value[0].Timeseries) != 7 || len(ids) < 7 {
		t.Fatalf("got %+v, %v; want the seven machines that were asked for", answer, err)
	}
	definitions := made[armmonitor.MetricDefinitionsClient](t)(armmonitor.NewMetricDefinitionsClient(account, a.cred, a.arm()))
	got := map[string]int{}
	tally(t.Context(), t, got, definitions.NewListPager(ids[0], nil), func(p armmonitor.MetricDefinitionsClientListResponse) []string {
		return words(p.Value, func(d *armmonitor.MetricDefinition) string { return *d.Name.Value + " in " + string(*d.Unit) })
	})
	if got["Percentage CPU in Percent"] != 1 || got["Network In Total in Bytes"] != 1 || len(got) < 8 {
		t.Errorf("got %v", got)
	}
}
