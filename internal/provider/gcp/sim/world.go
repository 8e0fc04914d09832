package gcpsim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// object is a JSON object.
type object = map[string]any

// project is a project of the organization.
type project struct {
	id, title, number string
	denied            bool   // the caller has no role on it
	disabled          string // the API that is not enabled
	vms               []*vm  // those that can be reached, sorted
}

// vm is a Compute Engine instance.
type vm struct {
	project             *project
	id                  uint64
	name, zone, status  string
	kind                *machineType
	gpus                int // attached to a machine type that has none; 0 = none
	spot, agent         bool
	labels              map[string]string
	created             time.Time
	ip                  string
	disks               int
	cpu, memory         sim.Wave // percent
	rx, tx, read, write sim.Wave // bytes per second of one interface or disk
	gpu                 []sim.Wave
}

// machineType is a machine type with what its bundled GPUs are, and whether instances name them.
type machineType struct {
	name, family string
	cpus, memory float64 // memory in GiB
	paid         float64 // vCPUs that are paid for, where cores are shared; 0 = all
	whole        string  // what the catalogue calls a machine that has one price; empty = it has several
	card         string  // accelerator type; empty = none
	cards        int     // bundled; 0 = they are attached one by one
	named        bool
}

func machineTypes() []machineType {
	return []machineType{
		{name: "e2-standard-4", family: "E2", cpus: 4, memory: 16},
		{name: "n2-highmem-8", family: "N2", cpus: 8, memory: 64},
		{name: "e2-medium", family: "E2", cpus: 2, memory: 4, paid: 1},
		{name: "n2-custom-6-20480", family: "N2 Custom", cpus: 6, memory: 20},
		{name: "g2-standard-8", family: "G2", cpus: 8, memory: 32, card: "nvidia-l4", cards: 1, named: true},
		{name: "n1-standard-8", family: "N1 Predefined", cpus: 8, memory: 30, card: "nvidia-tesla-t4"},
		{name: "c3-standard-8", family: "C3", cpus: 8, memory: 32},
		{name: "a2-highgpu-2g", family: "A2", cpus: 24, memory: 170, card: "nvidia-tesla-a100", cards: 2, named: true},
		{name: "e2-standard-2", family: "E2", cpus: 2, memory: 8},
		{name: "a3-highgpu-8g", family: "A3", cpus: 208, memory: 1872, card: "nvidia-h100-80gb", cards: 8},
		{name: "f1-micro", cpus: 1, memory: 0.6, whole: "Micro Instance with burstable CPU"},
		{name: "a4-highgpu-8g", cpus: 224, memory: 3968, card: "nvidia-b200", cards: 8, named: true},
		{name: "a3-megagpu-8g", family: "A3Plus", cpus: 208, memory: 1872, card: "nvidia-h100-mega-80gb", cards: 8, named: true},
		{name: "m2-ultramem-208", cpus: 208, memory: 5888},
	}
}

func zones() []string {
	return []string{
		"us-central1-a", "us-central1-b", "us-central1-f", "europe-west4-a", "europe-west4-b", "asia-northeast1-a", "asia-northeast1-c",
		"southamerica-east1-b",
	}
}

// unreachable is the zone that does not answer in a world with incidents.
const unreachable = "europe-west4-b"

func regionOf(zone string) string { return zone[:len(zone)-2] }

type cluster struct {
	project                *project
	name, location, status string
	nodes                  int
	autopilot              bool
	labels                 map[string]string
	created                time.Time
	cpu, memory            []sim.Wave // percent, node by node
}

type function struct {
	project                      *project
	name, region, state, runtime string
	first                        bool // of the first generation
	labels                       map[string]string
	created                      time.Time
	traffic
}

type service struct {
	project             *project
	name, region, state string
	labels              map[string]string
	created             time.Time
	traffic
}

// traffic is what comes to a service or a function, and how it copes.
type traffic struct {
	requests, failures           sim.Wave // per second; requests are those that do not fail
	latency, processors, storage sim.Wave // milliseconds, percent, percent
}

func newTraffic(r *rand.Rand) traffic {
	return traffic{
		requests: sim.Amount(r, 300), failures: sim.Amount(r, 3), latency: sim.Amount(r, 900), processors: sim.Percent(r), storage: sim.Percent(r),
	}
}

type database struct {
	project                                *project
	name, region, state, version, activity string
	labels                                 map[string]string
	created                                time.Time
	diskGB                                 int
	cpu, memory, disk                      sim.Wave // percent
}

// buildProjects makes the projects that everyone may read.
func (c *cloud) buildProjects(r *rand.Rand) {
	c.signing = binary.LittleEndian.AppendUint64(nil, r.Uint64())
	c.projects = []*project{
		{id: "acme-prod-" + strconv.Itoa(100+r.IntN(900)), title: "Acme Production", number: number(r)},
		{id: "acme-ml", title: "機械学習", number: number(r)},
		{id: "dev-sandbox-4711", title: "Dev Sandbox", number: number(r)},
	}
	c.home = c.projects[0]
}

// number draws a project's number.
func number(r *rand.Rand) string {
	return strconv.FormatUint(100_000_000_000+r.Uint64N(800_000_000_000), 10)
}

// build gives the projects n resources together.
func (c *cloud) build(r *rand.Rand, n int) {
	share := c.projects
	share = []*project{share[0], share[1], share[0], share[2], share[0], share[1], share[0]}
	types := machineTypes()
	for i := range n {
		p := share[i%len(share)]
		switch i % 20 {
		case 2:
			c.clusters = append(c.clusters, newCluster(r, p, i))
		case 5, 13:
			c.functions = append(c.functions, newFunction(r, p, i, len(c.functions)))
		case 7, 15:
			c.services = append(c.services, newService(r, p, i, len(c.services)))
		case 11, 17:
			c.databases = append(c.databases, newDatabase(r, p, i, len(c.databases)))
		default:
			c.vms = append(c.vms, newVM(r, p, &types[i%len(types)], i))
		}
	}
	c.sortVMs()
	if c.world.Incidents() {
		c.projects[2].disabled = "sqladmin.googleapis.com"
		c.projects = append(c.projects, &project{id: "legal-vault-31", title: "Legal Vault", number: number(r), denied: true})
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func past(r *rand.Rand) time.Time {
	return sim.Epoch.Add(-time.Duration(24*3600+r.IntN(300*24*3600)) * time.Second)
}

func labels(r *rand.Rand, i int) map[string]string {
	if i%9 == 8 {
		return nil
	}
	return map[string]string{
		"env": pick(r, []string{"prod", "staging", "dev"}), "team": pick(r, []string{"plattform-süd", "データ", "web", "ml"}),
	}
}

// turn takes the i-th of a list in an order that shows all of it early.
func turn(i int, from []string) string { return from[(i*7)%len(from)] }

func newVM(r *rand.Rand, p *project, kind *machineType, i int) *vm {
	v := &vm{
		project: p, id: 1_000_000_000_000_000_000 + r.Uint64N(8_000_000_000_000_000_000), kind: kind,
		name: pick(r, []string{"web", "api", "batch", "train", "gke-prod-pool", "cache"}) + "-" + strconv.Itoa(i), zone: pick(r, zones()),
		status: turn(i, []string{
			"RUNNING", "TERMINATED", "RUNNING", "STAGING", "RUNNING", "SUSPENDED", "RUNNING", "PROVISIONING", "RUNNING", "RUNNING", "STOPPING",
			"RUNNING", "RUNNING", "REPAIRING", "RUNNING", "RUNNING", "SUSPENDING", "RUNNING", "RUNNING",
		}),
		spot: i%11 == 3, agent: i%3 != 1, labels: labels(r, i), created: past(r),
		ip:    fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255),
		disks: 1 + i%2, cpu: sim.Percent(r), memory: sim.Percent(r), rx: sim.Amount(r, 4e6), tx: sim.Amount(r, 8e6), read: sim.Amount(r, 2e7),
		write: sim.Amount(r, 1e7),
	}
	cards := kind.cards
	if kind.card != "" && cards == 0 && i%4 != 3 {
		v.gpus = 1 << r.IntN(3)
		cards = v.gpus
	}
	for range cards {
		v.gpu = append(v.gpu, sim.Percent(r))
	}
	return v
}

// cards returns how many GPUs the instance has, and of which kind.
func (v *vm) cards() (kind string, n int) {
	if n = v.kind.cards + v.gpus; n == 0 {
		return "", 0
	}
	return v.kind.card, n
}

func newCluster(r *rand.Rand, p *project, i int) *cluster {
	k := &cluster{
		project: p, name: pick(r, []string{"prod", "staging", "tools"}) + "-" + strconv.Itoa(i), location: pick(r, zones()),
		status: turn(i/20, []string{"RUNNING", "RECONCILING", "RUNNING", "PROVISIONING", "RUNNING", "ERROR", "RUNNING", "DEGRADED", "STOPPING"}),
		nodes:  1 + r.IntN(4), autopilot: i%40 == 22, labels: labels(r, i), created: past(r),
	}
	if i%40 == 2 {
		k.location = regionOf(k.location)
	}
	for range k.nodes {
		k.cpu, k.memory = append(k.cpu, sim.Percent(r)), append(k.memory, sim.Percent(r))
	}
	return k
}

// newFunction makes the n-th of the functions, and so do the next for theirs.
func newFunction(r *rand.Rand, p *project, i, n int) *function {
	f := &function{
		project: p, name: pick(r, []string{"resize", "notify", "on-upload", "billing-export"}) + "-" + strconv.Itoa(i),
		region: regionOf(pick(r, zones())), runtime: pick(r, []string{"go125", "nodejs22", "python313"}), first: i%3 == 0, labels: labels(r, i),
		state:   turn(n, []string{"ACTIVE", "ACTIVE", "DEPLOYING", "ACTIVE", "FAILED", "ACTIVE", "DELETING", "UNKNOWN"}),
		created: past(r),
	}
	f.traffic = newTraffic(rand.New(rand.NewPCG(uint64(f.created.Unix()), uint64(i)))) // of its own, so that nothing else is drawn anew
	return f
}

func newService(r *rand.Rand, p *project, i, n int) *service {
	return &service{
		project: p, name: pick(r, []string{"checkout", "search", "gateway", "reports"}) + "-" + strconv.Itoa(i),
		region: regionOf(pick(r, zones())), labels: labels(r, i), created: past(r),
		state:   turn(n, []string{"CONDITION_SUCCEEDED", "CONDITION_SUCCEEDED", "CONDITION_FAILED", "CONDITION_SUCCEEDED", "CONDITION_RECONCILING"}),
		traffic: newTraffic(r),
	}
}

func newDatabase(r *rand.Rand, p *project, i, n int) *database {
	d := &database{
		project: p, name: pick(r, []string{"orders", "users", "analytics"}) + "-" + strconv.Itoa(i), region: regionOf(pick(r, zones())),
		version: pick(r, []string{"POSTGRES_17", "MYSQL_8_4", "SQLSERVER_2022_STANDARD"}), activity: "ALWAYS", labels: labels(r, i),
		state:   turn(n, []string{"RUNNABLE", "RUNNABLE", "PENDING_CREATE", "RUNNABLE", "MAINTENANCE", "RUNNABLE", "FAILED", "SUSPENDED"}),
		created: past(r), diskGB: 10 * (1 + r.IntN(50)), cpu: sim.Percent(r), memory: sim.Percent(r), disk: sim.Percent(r),
	}
	if i%6 == 5 {
		d.activity = "NEVER"
	}
	return d
}
