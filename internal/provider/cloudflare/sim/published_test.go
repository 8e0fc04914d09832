package cloudflaresim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim/shape"
)

// envelope is around every answer of the REST API.
const envelope = `
	success            bool
	errors             array
	errors[].code      int
	errors[].message   text
	messages           array
	messages[].code    int
	messages[].message text
`

// pages are in the answers of lists that are paged by number.
const pages = `
	result_info             object
	result_info.page        int
	result_info.per_page    int
	result_info.count       int
	result_info.total_count int
	result_info.total_pages int
`

// single makes of the description of a list that of one of its elements.
func single(list string) string {
	var b strings.Builder
	for line := range strings.Lines(list) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "result" && !strings.HasPrefix(words[0], "result_info") {
			b.WriteString(strings.Replace(line, "result[]", "result", 1))
		}
	}
	return "result object\n" + b.String()
}

// below moves a description to a path.
func below(path, description string) string {
	var b strings.Builder
	for line := range strings.Lines(description) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(path + "." + line + "\n")
		}
	}
	return b.String()
}

// TestAnswersHaveThePublishedFields compares every field with the description (the Go SDK's of August 2026, which is
// newer than the OpenAPI document), in every account of worlds with and without much in them.
func TestAnswersHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 60, 400} {
		c := world(n)
		for _, account := range c.Truth().Accounts {
			for path, published := range publishedOfAccounts() {
				w := call(t, c, http.MethodGet, "/accounts/"+account+path, "")
				for _, difference := range shape.Diff(envelope+published, w.Body.Bytes()) {
					t.Errorf("%s of %d things: HTTP %d: %s", path, n, w.Code, difference)
				}
			}
		}
		for path, published := range map[string]string{
			"/accounts": pages + "result array\n" + publishedAccount, "/accounts?per_page=5&page=9": pages + "result array\n" + publishedAccount,
			"/user/tokens/verify": "result object\n" + publishedToken,
		} {
			w := call(t, c, http.MethodGet, path, "")
			for _, difference := range shape.Diff(envelope+published, w.Body.Bytes()) {
				t.Errorf("%s: HTTP %d: %s", path, w.Code, difference)
			}
		}
	}
}

// TestSingleThingsHaveThePublishedFields reads what the lists name one by one.
func TestSingleThingsHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	c := world(150)
	lists := publishedOfAccounts()
	seen := map[string]int{}
	check := func(account, path, kind, published string) {
		seen[kind]++
		w := call(t, c, http.MethodGet, "/accounts/"+account+path, "")
		for _, difference := range shape.Diff(envelope+published, w.Body.Bytes()) {
			t.Errorf("%s: HTTP %d: %s", path, w.Code, difference)
		}
	}
	for _, account := range c.Truth().Accounts {
		each := func(list, id string, ask func(path string)) {
			all, _ := rows(t, c, "/accounts/"+account+list+"?per_page=10")
			for _, name := range column(all, id) {
				ask(list + "/" + url.PathEscape(name))
			}
		}
		check(account, "", "account", single(publishedAccount))
		check(account, "/r2/buckets/assets", "bucket", single(below("result[]", bucketFields)))
		each("/d1/database", "uuid", func(path string) { check(account, path, "database", publishedDatabase) })
		each("/queues", "queue_id", func(path string) {
			check(account, path+"/metrics", "backlog", publishedBacklog)
			check(account, path, "queue", single(lists["/queues"]))
		})
		each("/storage/kv/namespaces", "id", func(path string) {
			check(account, path, "namespace", single(lists["/storage/kv/namespaces"]))
		})
		each("/workers/scripts", "id", func(path string) {
			check(account, path+"/deployments", "deployment", publishedDeployments)
			check(account, path+"/schedules", "schedule", publishedSchedules)
		})
		each("/pages/projects", "name", func(path string) {
			check(account, path, "project", single(lists["/pages/projects"]))
			check(account, path+"/deployments", "deployment of a project", pages+"result array\n"+below("result[]", deploymentFields))
		})
	}
	for _, kind := range []string{"account", "bucket", "database", "backlog", "queue", "namespace", "deployment", "schedule", "project", "deployment of a project"} {
		if seen[kind] < 2 {
			t.Errorf("read %d of kind %s", seen[kind], kind)
		}
	}
}

// TestErrorsHaveTheEnvelopeToo reads an error of every layer: credential, route, account, method, thing, parameter.
func TestErrorsHaveTheEnvelopeToo(t *testing.T) {
	t.Parallel()
	c := world(20)
	account := "/accounts/" + c.Truth().Accounts[0]
	for _, tt := range []struct {
		method, path, token string
		status              int
	}{
		{"GET", "/accounts", "none", 400}, {"GET", "/accounts", strings.Repeat("x", 40), 403}, {"GET", "/user/tokens/verify", strings.Repeat("x", 40), 401},
		{"GET", "/nothing", "", 404}, {"GET", "/accounts/x", "", 404}, {"PATCH", account, "", 405}, {"GET", account + "/queues/x", "", 404},
		{"GET", account + "/queues?per_page=0", "", 400}, {"GET", account + "/r2/buckets?per_page=0", "", 400}, {"GET", account + "/pages/projects?page=0", "", 400},
		{"GET", account + "/d1/database", cloudflaresim.AccountToken, 200}, {"GET", "/accounts/" + c.Truth().Accounts[1] + "/queues", cloudflaresim.AccountToken, 403},
	} {
		var header []string
		if tt.token != "" {
			header = []string{"Authorization", "Bearer " + tt.token}
		}
		w := call(t, c, tt.method, tt.path, "", header...)
		published := envelope + "result null\nerrors[] object"
		if tt.status == 200 {
			published = envelope + "result any\nresult_info any"
		}
		differences := shape.Diff(published, w.Body.Bytes())
		if w.Code != tt.status || len(differences) > 0 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("X-Ratelimit-Limit") == "" && w.Code != 400 && tt.token == "" {
			t.Errorf("%s %s: got %d, want %d; %v; headers %v", tt.method, tt.path, w.Code, tt.status, differences, w.Header())
		}
	}
}

// publishedAccount are the fields of an account.
const publishedAccount = `
	result                              array
	result[].id                         string
	result[].name                       string
	result[].type                       =standard =enterprise
	result[].created_on                 time
	result[].settings                   object
	result[].settings.enforce_twofactor bool
`

// publishedToken is what a verified token tells of itself.
const publishedToken = `
	result            object
	result.id         string
	result.status     =active =disabled =expired
	result.expires_on time
	result.not_before time
`

// publishedDatabase is one D1 database: its list has no size.
const publishedDatabase = `
	result.created_at            time
	result.file_size             number
	result.jurisdiction          =eu =fedramp =us null
	result.name                  string
	result.num_tables            number
	result.read_replication      object
	result.read_replication.mode =auto =disabled
	result.uuid                  string
	result.version               string
`

// publishedBacklog is the backlog of a queue.
const publishedBacklog = `
	result.backlog_bytes               number
	result.backlog_count               number
	result.oldest_message_timestamp_ms number
`

// publishedDeployments are the deployments of a Worker.
const publishedDeployments = `
	result.deployments                                    array
	result.deployments[].annotations                      object
	result.deployments[].annotations.workers/triggered_by string
	result.deployments[].author_email                     string
	result.deployments[].created_on                       time
	result.deployments[].id                               string
	result.deployments[].source                           string
	result.deployments[].strategy                         =percentage
	result.deployments[].versions                         array
	result.deployments[].versions[].percentage            number
	result.deployments[].versions[].version_id            string
`

// publishedSchedules are the schedules of a Worker.
const publishedSchedules = `
	result.schedules               array
	result.schedules[].created_on  string
	result.schedules[].cron        string
	result.schedules[].modified_on string
`

// bucketFields are the fields of an R2 bucket.
const bucketFields = `
	name          string
	creation_date string
	location      =apac =eeur =enam =weur =wnam =oc
	jurisdiction  =default =eu =fedramp
	storage_class =Standard =InfrequentAccess
`

// sourceFields are the fields of where a project comes from.
const sourceFields = `
	config                                object
	config.deployments_enabled            bool
	config.owner                          string
	config.owner_id                       string
	config.path_excludes                  array
	config.path_includes                  array
	config.path_includes[]                string
	config.pr_comments_enabled            bool
	config.preview_branch_excludes        array
	config.preview_branch_includes        array
	config.preview_branch_includes[]      string
	config.preview_deployment_setting     =all =none =custom
	config.production_branch              string
	config.production_deployments_enabled bool
	config.repo_id                        string
	config.repo_name                      string
	type                                  =github =gitlab
`

// deploymentFields are the fields of a deployment, but for its source.
const deploymentFields = `
	aliases                                    array null
	build_config                               object
	build_config.build_caching                 bool null
	build_config.build_command                 string null
	build_config.destination_dir               string null
	build_config.root_dir                      string null
	build_config.web_analytics_tag             string null
	build_config.web_analytics_token           string null
	created_on                                 time
	deployment_trigger                         object
	deployment_trigger.metadata                object
	deployment_trigger.metadata.branch         string
	deployment_trigger.metadata.commit_dirty   bool
	deployment_trigger.metadata.commit_hash    string
	deployment_trigger.metadata.commit_message string
	deployment_trigger.type                    =github:push =ad_hoc =deploy_hook
	env_vars                                   object null
	environment                                =preview =production
	id                                         string
	is_skipped                                 bool
	latest_stage                               object
	latest_stage.ended_on                      time null
	latest_stage.name                          =queued =initialize =clone_repo =build =deploy
	latest_stage.started_on                    time null
	latest_stage.status                        =success =idle =active =failure =canceled
	modified_on                                time
	project_id                                 string
	project_name                               string
	short_id                                   string
	source                                     object
	stages                                     array
	stages[].ended_on                          time null
	stages[].name                              =queued =initialize =clone_repo =build =deploy
	stages[].started_on                        time null
	stages[].status                            =success =idle =active =failure =canceled
	url                                        string
	uses_functions                             bool null
	env_vars.*.type                            =plain_text =secret_text
	env_vars.*.value                           string
`

// configFields are the fields of a deployment's configuration.
const configFields = `
	always_use_latest_compatibility_date bool
	build_image_major_version            int
	compatibility_date                   string
	compatibility_flags                  array
	env_vars                             object null
	fail_open                            bool
	kv_namespaces                        object
	usage_model                          =standard =bundled =unbound
	env_vars.*.type                      =plain_text =secret_text
	env_vars.*.value                     string
	kv_namespaces.*.namespace_id         string
`

// publishedOfAccounts are the answers below an account, by path.
func publishedOfAccounts() map[string]string {
	whole := func(path string) string {
		return below(path, deploymentFields) + below(path+".source", sourceFields)
	}
	return map[string]string{
		"/pages/projects": pages + projectFields + whole("result[].latest_deployment") + whole("result[].canonical_deployment") +
			below("result[].source", sourceFields) + below("result[].deployment_configs.preview", configFields) +
			below("result[].deployment_configs.production", configFields),
		"/billable-usage": `
			result                            array
			result[].BilledCost               number
			result[].BillingAccountId         string
			result[].BillingAccountName       string null
			result[].BillingCurrency          string
			result[].BillingPeriodStart       time
			result[].ChargeCategory           =Usage
			result[].ChargeClass              string null
			result[].ChargeDescription        string null
			result[].ChargePeriodEnd          time
			result[].ChargePeriodStart        time
			result[].ConsumedQuantity         number
			result[].ConsumedUnit             string
			result[].ContractedCost           number
			result[].CumulatedContractedCost  number
			result[].CumulatedPricingQuantity int
			result[].EffectiveCost            number
			result[].HostProviderName         string
			result[].InvoiceIssuerName        string
			result[].ListCost                 number
			result[].PricingQuantity          int
			result[].PricingUnit              string
			result[].ServiceFamilyName        string
			result[].ServiceName              string
			result[].ServiceProviderName      string
			result[].SubscriptionId           string null
			result[].ZoneId                   string null
			result[].ZoneName                 string null
		`,
		"/billable-usage/info": `
			result                                                object
			result.covered                                        bool
			result.subscriptions                                  array
			result.subscriptions[].billing_cycle_anchor_timestamp time
			result.subscriptions[].id                             string
			result.subscriptions[].start_timestamp                time
		`,
		"/billable/usage": `
			result                        array
			result[].BillingAccountId     string
			result[].BillingAccountName   string
			result[].BillingPeriodStart   time null
			result[].ChargeCategory       =Usage
			result[].ChargeClass          =Correction null
			result[].ChargeDescription    string
			result[].ChargeFrequency      =Usage-Based
			result[].ChargePeriodEnd      time
			result[].ChargePeriodStart    time
			result[].ConsumedQuantity     number
			result[].ConsumedUnit         string
			result[].HostProviderName     string
			result[].InvoiceIssuerName    string
			result[].ServiceProviderName  string
			result[].x_BillableMetricId   string
			result[].x_BillableMetricName string
			result[].x_ProductFamilyName  string
		`,
		"/d1/database": pages + `
			result                array
			result[].uuid         string
			result[].name         string
			result[].version      string
			result[].created_at   time
			result[].jurisdiction =eu =fedramp =us null
		`,
		"/queues": pages + `
			result                                     array
			result[].queue_id                          string
			result[].queue_name                        string
			result[].created_on                        string
			result[].modified_on                       string
			result[].producers                         array
			result[].producers[].script                string
			result[].producers[].type                  =worker =r2_bucket
			result[].producers_total_count             number
			result[].consumers                         array
			result[].consumers[].consumer_id           string
			result[].consumers[].created_on            time
			result[].consumers[].dead_letter_queue     string absent
			result[].consumers[].queue_name            string
			result[].consumers[].script_name           string absent
			result[].consumers[].settings              any
			result[].consumers[].type                  =worker =http_pull
			result[].consumers_total_count             number
			result[].settings                          object
			result[].settings.delivery_delay           number
			result[].settings.delivery_paused          bool
			result[].settings.message_retention_period number
		`,
		"/r2/buckets": "result_info object\nresult_info.per_page int\nresult_info.cursor text absent\nresult.buckets array\n" +
			below("result.buckets[]", bucketFields),
		"/r2/metrics": `
			result                                         object
			result.infrequentAccess                        object
			result.infrequentAccess.published              object
			result.infrequentAccess.published.metadataSize number
			result.infrequentAccess.published.objects      number
			result.infrequentAccess.published.payloadSize  number
			result.infrequentAccess.uploaded               object
			result.infrequentAccess.uploaded.metadataSize  number
			result.infrequentAccess.uploaded.objects       number
			result.infrequentAccess.uploaded.payloadSize   number
			result.standard                                object
			result.standard.published                      object
			result.standard.published.metadataSize         number
			result.standard.published.objects              number
			result.standard.published.payloadSize          number
			result.standard.uploaded                       object
			result.standard.uploaded.metadataSize          number
			result.standard.uploaded.objects               number
			result.standard.uploaded.payloadSize           number
		`,
		"/storage/kv/namespaces": pages + `
			result                         array
			result[].id                    string
			result[].title                 string
			result[].supports_url_encoding bool
		`,
		"/workers/account-settings": `
			result                     object
			result.default_usage_model string
			result.green_compute       bool
		`,
		"/workers/durable_objects/namespaces": pages + `
			result              array
			result[].id         string
			result[].name       string
			result[].script     string
			result[].class      string
			result[].use_sqlite bool
		`,
		"/workers/scripts": `
			result                                    array
			result[].id                               string
			result[].tag                              string
			result[].created_on                       time
			result[].modified_on                      time
			result[].etag                             string
			result[].usage_model                      =standard =bundled =unbound
			result[].handlers                         array
			result[].handlers[]                       string
			result[].has_assets                       bool
			result[].has_modules                      bool
			result[].compatibility_date               string
			result[].compatibility_flags              array
			result[].compatibility_flags[]            string
			result[].last_deployed_from               string
			result[].logpush                          bool
			result[].tags                             array null
			result[].tags[]                           string
			result[].tail_consumers                   array null
			result[].routes                           array null
			result[].observability                    object
			result[].observability.enabled            bool
			result[].observability.head_sampling_rate number null
			result[].tail_consumers[].environment     string
			result[].tail_consumers[].service         string
			result[].routes[].id                      string
			result[].routes[].pattern                 string
			result[].routes[].script                  string
			result[].placement                        object absent
			result[].placement.last_analyzed_at       time
			result[].placement.mode                   =smart =targeted
			result[].placement.status                 =SUCCESS =UNSUPPORTED_APPLICATION =INSUFFICIENT_INVOCATIONS
		`,
		"/workers/subdomain": `
			result           object
			result.subdomain string
		`,
		"/workers/workers?per_page=100": pages + `
			result                                           array
			result[].created_on                              time
			result[].deployed_on                             time null
			result[].id                                      string
			result[].logpush                                 bool
			result[].name                                    string
			result[].observability                           object
			result[].observability.enabled                   bool
			result[].observability.head_sampling_rate        number
			result[].observability.logs                      object
			result[].observability.logs.enabled              bool
			result[].observability.logs.invocation_logs      bool
			result[].references                              object
			result[].references.dispatch_namespace_outbounds array
			result[].references.domains                      array
			result[].references.durable_objects              array
			result[].references.queues                       array
			result[].references.workers                      array
			result[].subdomain                               object
			result[].subdomain.enabled                       bool
			result[].subdomain.previews_enabled              bool
			result[].tags                                    array
			result[].tags[]                                  string
			result[].tail_consumers                          array
			result[].updated_on                              time
		`,
		"/ai/models/search": pages + `
			result   array
			result[] any
		`,
		"/ai-gateway/gateways": pages + `
			result array
		`,
		"/hyperdrive/configs": pages + `
			result array
		`,
		"/vectorize/v2/indexes": `
			result array
		`,
	}
}

// projectFields are the fields of a Pages project, but for its deployments and source.
const projectFields = `
	result                                    array
	result[].build_config                     object
	result[].build_config.build_caching       bool null
	result[].build_config.build_command       string null
	result[].build_config.destination_dir     string null
	result[].build_config.root_dir            string null
	result[].build_config.web_analytics_tag   string null
	result[].build_config.web_analytics_token string null
	result[].canonical_deployment             object null
	result[].created_on                       time
	result[].deployment_configs               object
	result[].deployment_configs.preview       object
	result[].deployment_configs.production    object
	result[].domains                          array
	result[].domains[]                        string
	result[].framework                        string
	result[].framework_version                string
	result[].id                               string
	result[].latest_deployment                object null
	result[].name                             string
	result[].preview_script_name              string
	result[].production_branch                string
	result[].production_script_name           string
	result[].source                           object absent
	result[].subdomain                        string
	result[].uses_functions                   bool null
`
