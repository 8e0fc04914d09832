package vastaisim

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/internal/sim/shape"
)

// TestAnswersHaveThePublishedFields reads every endpoint in worlds of several sizes and compares each field with
// vast-ai/docs, api-reference/openapi/yaml.
func TestAnswersHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	days := fmt.Sprintf(`{"%%s":{"gte":%d,"lte":%d}}`, sim.Epoch.AddDate(-1, 0, 0).Unix(), sim.Epoch.Unix())
	for _, tt := range []struct {
		method, path, body string
		published          string
	}{
		{"GET", "/api/v0/users/current/", "", publishedUser},
		{"GET", "/api/v1/instances/", "", publishedInstances},
		{"GET", "/api/v1/instances/?limit=3", "", publishedInstances},
		{"GET", "/api/v0/volumes/", "", publishedVolumes},
		{"GET", "/api/v0/endptjobs/", "", publishedEndpoints},
		{"GET", "/api/v0/workergroups/", "", publishedWorkergroups},
		{"GET", "/api/v0/deployments/", "", publishedDeployments},
		{"GET", "/api/v0/charges/?limit=7&select_filters=" + fmt.Sprintf(days, "day"), "", publishedCharges},
		{"GET", "/api/v0/charges/?select_filters=" + fmt.Sprintf(days, "day"), "", publishedCharges},
		{"GET", "/api/v1/invoices/?limit=7&select_filters=" + fmt.Sprintf(days, "when"), "", publishedInvoices},
		{"GET", "/api/v1/invoices/?select_filters=" + fmt.Sprintf(days, "when"), "", publishedInvoices},
		{"GET", "/api/v0/metrics/gpu/current/?verified=all", "", publishedMarket},
		{"GET", "/api/v0/metrics/gpu/locations/", "", publishedPlaces},
		{"GET", "/api/v0/metrics/gpu/history/?gpu_name=all", "", publishedTrends},
		{"POST", "/api/v0/bundles/", `{"limit":3000}`, publishedOffers},
		{"POST", "/api/v0/bundles/", `{"limit":3000,"type":"bid","verified":{"in":[true,false]}}`, publishedOffers},
		{"PUT", "/api/v0/search/asks/", `{"q":{"type":"reserved"}}`, publishedOffers},
	} {
		for _, n := range []int{20, 60, 150} {
			w := world(t, n, sim.Options{Seed: uint64(n)}).serve(tt.method, tt.path, tt.body)
			if w.Code != http.StatusOK {
				t.Errorf("%s %s: got %d %s", tt.method, tt.path, w.Code, w.Body)
				continue
			}
			for _, difference := range shape.Diff(tt.published, w.Body.Bytes()) {
				t.Errorf("%s %s of %d things: %s", tt.method, tt.path, n, difference)
			}
		}
	}
}

// TestOneInstanceHasTheFieldsOfTheList checks the wrapped form of show_instance.yaml.
func TestOneInstanceHasTheFieldsOfTheList(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 5})
	var one []string
	for line := range strings.Lines(publishedInstances) {
		if strings.Contains(line, "instances[]") {
			one = append(one, strings.ReplaceAll(line, "instances[]", "instances"))
		}
	}
	for _, c := range k.cloud.contracts {
		w := k.serve("GET", fmt.Sprintf("/api/v0/instances/%d/", c.ID), "")
		for _, difference := range shape.Diff(strings.Join(one, ""), w.Body.Bytes()) {
			t.Errorf("instance %d: %s", c.ID, difference)
		}
	}
}

// publishedUser is the answer of show_user.yaml;
// from username on, what the official client reads besides.
const publishedUser = `
	id             int
	key_id         int
	email          string
	balance        number
	ssh_key        string
	sid            string
	username       string
	fullname       string
	email_verified bool
	credit         number
	can_pay        bool
	has_billing    bool
`

// publishedInstances is the answer of show_instances.yaml;
// from instances[].bundle_id on, what the official client reads besides.
const publishedInstances = `
	success                                     bool
	instances_found                             int
	total_instances                             int
	label_counts                                object
	next_token                                  string null
	instances                                   array
	instances[].id                              int
	instances[].actual_status                   string null
	instances[].cur_state                       string
	instances[].next_state                      string
	instances[].intended_status                 string
	instances[].label                           string null
	instances[].template_id                     int null
	instances[].template_hash_id                string null
	instances[].template_name                   string null
	instances[].image_uuid                      string
	instances[].image_args                      array
	instances[].image_args[]                    string
	instances[].image_runtype                   string
	instances[].extra_env                       array
	instances[].extra_env[]                     array
	instances[].extra_env[][]                   string
	instances[].onstart                         string
	instances[].jupyter_token                   string
	instances[].status_msg                      string null
	instances[].public_ipaddr                   string
	instances[].local_ipaddrs                   string
	instances[].ssh_host                        string
	instances[].ssh_idx                         string
	instances[].ssh_port                        int
	instances[].machine_dir_ssh_port            int
	instances[].machine_id                      int
	instances[].start_date                      number
	instances[].end_date                        number
	instances[].uptime_mins                     number null
	instances[].duration                        number
	instances[].cpu_arch                        string
	instances[].cpu_cores                       int
	instances[].cpu_cores_effective             number
	instances[].cpu_name                        string
	instances[].cpu_ram                         int
	instances[].cpu_util                        number
	instances[].mem_limit                       number null
	instances[].mem_usage                       number null
	instances[].vmem_usage                      number null
	instances[].gpu_name                        string
	instances[].gpu_arch                        string
	instances[].gpu_totalram                    int
	instances[].gpu_ram                         int
	instances[].gpu_util                        number null
	instances[].gpu_temp                        number null
	instances[].gpu_frac                        number
	instances[].gpu_lanes                       int
	instances[].gpu_mem_bw                      number
	instances[].bw_nvlink                       number
	instances[].disk_name                       string
	instances[].disk_space                      number
	instances[].disk_bw                         number
	instances[].disk_util                       number
	instances[].disk_usage                      number
	instances[].direct_port_count               int
	instances[].direct_port_start               int
	instances[].direct_port_end                 int
	instances[].ports                           object null
	instances[].ports.*                         array
	instances[].ports.*[].HostIp                string
	instances[].ports.*[].HostPort              string
	instances[].static_ip                       bool
	instances[].geolocation                     string
	instances[].verification                    string
	instances[].rentable                        bool
	instances[].host_id                         int
	instances[].min_bid                         number
	instances[].is_bid                          bool
	instances[].dph_base                        number
	instances[].dph_total                       number
	instances[].dlperf                          number null
	instances[].dlperf_per_dphtotal             number null
	instances[].flops_per_dphtotal              number
	instances[].total_flops                     number
	instances[].score                           number null
	instances[].reliability2                    number
	instances[].os_version                      string null
	instances[].mobo_name                       string
	instances[].pci_gen                         number
	instances[].pcie_bw                         number
	instances[].num_gpus                        int
	instances[].webpage                         string null
	instances[].search                          object
	instances[].instance                        object
	instances[].storage_cost                    number
	instances[].storage_total_cost              number
	instances[].vram_costperhour                number
	instances[].credit_balance                  number null
	instances[].credit_discount                 number null
	instances[].credit_discount_max             number null
	instances[].client_run_time                 number
	instances[].host_run_time                   number
	instances[].external                        bool
	instances[].time_remaining                  string
	instances[].time_remaining_isbid            string
	instances[].country_code                    string null
	instances[].volume_info                     array
	instances[].bundle_id                       int
	instances[].hosting_type                    int
	instances[].logo                            string
	instances[].cuda_max_good                   number
	instances[].driver_version                  string
	instances[].inet_up                         number
	instances[].inet_down                       number
	instances[].inet_up_cost                    number
	instances[].inet_down_cost                  number
	instances[].search.gpuCostPerHour           number
	instances[].search.diskHour                 number
	instances[].search.totalHour                number
	instances[].search.discountTotalHour        number
	instances[].search.discountedTotalPerHour   number
	instances[].instance.gpuCostPerHour         number
	instances[].instance.diskHour               number
	instances[].instance.totalHour              number
	instances[].instance.discountTotalHour      number
	instances[].instance.discountedTotalPerHour number
	instances[].volume_info[].id                int
	instances[].volume_info[].total_space       number
	instances[].volume_info[].avail_space       number
`

// publishedVolumes is the answer of show_volumes.yaml;
// from success on, what the official client reads besides.
const publishedVolumes = `
	volumes                             array
	volumes[].instances                 array
	volumes[].driver_version            string
	volumes[].cuda_max_good             number
	volumes[].machine_id                int
	volumes[].public_ipaddr             string
	volumes[].reliability2              number
	volumes[].host_id                   int
	volumes[].cpu_name                  string
	volumes[].mobo_name                 string
	volumes[].disk_space                number
	volumes[].disk_name                 string
	volumes[].inet_up                   number
	volumes[].inet_down                 number
	volumes[].storage_total_cost        number
	volumes[].os_version                string
	volumes[].verification              string
	volumes[].static_ip                 bool
	volumes[].cpu_arch                  string
	volumes[].start_date                number
	volumes[].id                        int
	volumes[].status                    string
	success                             bool
	volumes[].cluster_id                int null
	volumes[].label                     string null
	volumes[].geolocation               string
	volumes[].instances[].id            int
	volumes[].instances[].jupyter_token string
`

// publishedEndpoints is the answer of show_endpoints.yaml;
// from results[].min_cold_load on, what the official client reads besides.
const publishedEndpoints = `
	success                      bool
	results                      array
	results[].id                 int
	results[].min_load           number
	results[].target_util        number
	results[].cold_mult          number
	results[].cold_workers       int
	results[].max_workers        int
	results[].endpoint_name      string
	results[].api_key            string
	results[].user_id            int
	results[].created_at         string
	results[].endpoint_state     string
	results[].min_cold_load      number
	results[].max_queue_time     number
	results[].target_queue_time  number
	results[].inactivity_timeout int null
`

// publishedWorkergroups is the answer of show_autogroup.yaml.
const publishedWorkergroups = `
	success                 bool
	results                 array
	results[].id            int
	results[].min_load      number
	results[].target_util   number
	results[].cold_mult     number
	results[].test_workers  int
	results[].template_hash string
	results[].template_id   int
	results[].search_query  object
	results[].launch_args   string
	results[].gpu_ram       number
	results[].endpoint_name string
	results[].endpoint_id   int
	results[].api_key       string
	results[].created_at    string
	results[].user_id       int
`

// publishedDeployments is the answer of show_deployments.yaml.
const publishedDeployments = `
	success                               bool
	deployments                           array
	deployments[].id                      int
	deployments[].name                    string
	deployments[].tag                     string
	deployments[].image                   string
	deployments[].endpoint_id             int null
	deployments[].env                     string null
	deployments[].file_hash               string null
	deployments[].s3_key                  string null
	deployments[].search_params           string null
	deployments[].current_version_id      int null
	deployments[].last_healthy_version_id int null
	deployments[].storage                 number
	deployments[].ttl                     number null
	deployments[].last_client_heartbeat   number null
	deployments[].created_at              number
	deployments[].updated_at              number
`

// publishedCharges is the answer of show_charges.yaml.
const publishedCharges = `
	success                           bool
	count                             int
	total                             int
	next_token                        string null
	results                           array
	results[].start                   int
	results[].end                     int
	results[].type                    string
	results[].source                  string
	results[].description             string
	results[].amount                  number
	results[].metadata                object
	results[].metadata.template_id    int absent
	results[].metadata.label          string absent
	results[].metadata.endpoint_id    int absent
	results[].metadata.workergroup_id int absent
	results[].items                   array
	results[].items[].start           int
	results[].items[].end             int
	results[].items[].type            =gpu =disk =bwd =bwu
	results[].items[].source          string null
	results[].items[].description     string
	results[].items[].amount          number
	results[].items[].metadata        object
	results[].items[].items           array
`

// publishedInvoices is the answer of show_invoices.yaml.
const publishedInvoices = `
	success                       bool
	count                         int
	total                         int
	next_token                    string null
	results                       array
	results[].start               number
	results[].end                 number null
	results[].type                string
	results[].source              string
	results[].description         string
	results[].amount              number
	results[].metadata            object
	results[].metadata.invoice_id int
	results[].metadata.service    string
	results[].items               array
`

// publishedMarket is the answer of metrics_gpu.yaml.
const publishedMarket = `
	success                  bool
	gpus                     array
	gpus[].gpu_name          string
	gpus[].total             int
	gpus[].available         int
	gpus[].rented_verified   int
	gpus[].avail_verified    int
	gpus[].rented_unverified int
	gpus[].avail_unverified  int
	gpus[].usage             number
	gpus[].usage_30d         number
	gpus[].dlperf            number
	gpus[].tflops            number
	gpus[].price_p10         number
	gpus[].price_p25         number
	gpus[].price_median      number
	gpus[].price_p75         number
	gpus[].price_p90         number
	gpus[].tflops_per_dollar number
	gpus[].dlperf_per_dollar number
`

// publishedPlaces is the answer of metrics_gpu_locations.yaml.
const publishedPlaces = `
	success                  bool
	locations                array
	locations[].latitude     number
	locations[].longitude    number
	locations[].city         string
	locations[].country_code string
	locations[].gpu_name     string
	locations[].rented       bool
	locations[].verified     bool
	locations[].datacenter   bool
	locations[].num_gpus     int
`

// publishedTrends is the answer of metrics_gpu_trends.yaml.
const publishedTrends = `
	success                                  bool
	gpus                                     object
	gpus.*                                   object
	gpus.*.supply_demand                     object
	gpus.*.supply_demand.timestamps          array
	gpus.*.supply_demand.timestamps[]        int
	gpus.*.supply_demand.rented_verified     array
	gpus.*.supply_demand.rented_verified[]   int
	gpus.*.supply_demand.avail_verified      array
	gpus.*.supply_demand.avail_verified[]    int
	gpus.*.supply_demand.rented_unverified   array
	gpus.*.supply_demand.rented_unverified[] int
	gpus.*.supply_demand.avail_unverified    array
	gpus.*.supply_demand.avail_unverified[]  int
	gpus.*.supply_demand.total               array
	gpus.*.supply_demand.total[]             int
	gpus.*.pricing                           object
	gpus.*.pricing.timestamps                array
	gpus.*.pricing.timestamps[]              int
	gpus.*.pricing.rented_p10                array
	gpus.*.pricing.rented_p10[]              number
	gpus.*.pricing.rented_median             array
	gpus.*.pricing.rented_median[]           number
	gpus.*.pricing.rented_p90                array
	gpus.*.pricing.rented_p90[]              number
	gpus.*.pricing.avail_p10                 array
	gpus.*.pricing.avail_p10[]               number
	gpus.*.pricing.avail_median              array
	gpus.*.pricing.avail_median[]            number
	gpus.*.pricing.avail_p90                 array
	gpus.*.pricing.avail_p90[]               number
	gpus.*.stats                             object
	gpus.*.stats.tflops                      number
	gpus.*.stats.dlperf                      number
	gpus.*.stats.tflops_per_dollar           number
	gpus.*.stats.dlperf_per_dollar           number
`

// publishedOffers is the answer of search_offers.yaml, whose example names every field.
const publishedOffers = `
	offers                                   array
	offers[].id                              int
	offers[].ask_contract_id                 int
	offers[].bundle_id                       int
	offers[].bundled_results                 int null
	offers[].bw_nvlink                       number
	offers[].compute_cap                     int
	offers[].cpu_arch                        string
	offers[].cpu_cores                       int null
	offers[].cpu_cores_effective             number
	offers[].cpu_ghz                         number
	offers[].cpu_name                        string
	offers[].cpu_ram                         int
	offers[].credit_discount_max             number
	offers[].cuda_max_good                   number
	offers[].direct_port_count               int
	offers[].disk_bw                         number
	offers[].disk_name                       string
	offers[].disk_space                      number
	offers[].dlperf                          number
	offers[].dlperf_per_dphtotal             number
	offers[].dph_base                        number
	offers[].dph_total                       number
	offers[].driver_version                  string
	offers[].driver_vers                     int
	offers[].duration                        number
	offers[].end_date                        number
	offers[].external                        bool null
	offers[].flops_per_dphtotal              number
	offers[].geolocation                     string
	offers[].geolocode                       int
	offers[].gpu_arch                        string
	offers[].gpu_display_active              bool
	offers[].gpu_frac                        number
	offers[].gpu_ids                         array
	offers[].gpu_ids[]                       int
	offers[].gpu_lanes                       int
	offers[].gpu_mem_bw                      number
	offers[].gpu_name                        string
	offers[].gpu_ram                         int
	offers[].gpu_total_ram                   int
	offers[].gpu_max_power                   number
	offers[].gpu_max_temp                    number
	offers[].has_avx                         int
	offers[].host_id                         int
	offers[].hosting_type                    int
	offers[].hostname                        string null
	offers[].inet_down                       number
	offers[].inet_down_cost                  number
	offers[].inet_up                         number
	offers[].inet_up_cost                    number
	offers[].is_bid                          bool
	offers[].logo                            string
	offers[].machine_id                      int
	offers[].min_bid                         number null
	offers[].mobo_name                       string
	offers[].num_gpus                        int
	offers[].os_version                      string
	offers[].pci_gen                         number
	offers[].pcie_bw                         number
	offers[].public_ipaddr                   string
	offers[].reliability                     number
	offers[].reliability_mult                number
	offers[].rentable                        bool
	offers[].rented                          bool
	offers[].score                           number
	offers[].start_date                      number
	offers[].static_ip                       bool
	offers[].storage_cost                    number
	offers[].storage_total_cost              number
	offers[].total_flops                     number
	offers[].verification                    string
	offers[].vericode                        int
	offers[].vram_costperhour                number
	offers[].webpage                         string null
	offers[].vms_enabled                     bool
	offers[].expected_reliability            number
	offers[].is_vm_deverified                bool
	offers[].resource_type                   string
	offers[].cluster_id                      int null
	offers[].avail_vol_ask_id                number null
	offers[].avail_vol_dph                   number null
	offers[].avail_vol_size                  number null
	offers[].nw_disk_min_bw                  number null
	offers[].nw_disk_max_bw                  number null
	offers[].nw_disk_avg_bw                  number null
	offers[].rn                              int
	offers[].dph_total_adj                   number
	offers[].reliability2                    number
	offers[].discount_rate                   number
	offers[].discounted_hourly               number
	offers[].discounted_dph_total            number
	offers[].search                          object
	offers[].search.gpuCostPerHour           number
	offers[].search.diskHour                 number
	offers[].search.totalHour                number
	offers[].search.discountTotalHour        number
	offers[].search.discountedTotalPerHour   number
	offers[].instance                        object
	offers[].instance.gpuCostPerHour         number
	offers[].instance.diskHour               number
	offers[].instance.totalHour              number
	offers[].instance.discountTotalHour      number
	offers[].instance.discountedTotalPerHour number
	offers[].time_remaining                  string
	offers[].time_remaining_isbid            string
	offers[].internet_up_cost_per_tb         number
	offers[].internet_down_cost_per_tb       number
`
