package runpodsim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// pod is a pod that exists.
type pod struct {
	id, name, image, status, tier, dataCenter, cuda string
	gpu                                             *card
	gpus, vcpus, memoryGB                           int
	cost                                            float64
	created                                         time.Time
	cluster                                         *cluster
	rank                                            int
	util, gpuMemory, cpu, memory                    sim.Wave
	bare                                            bool // its runtime tells no utilization
	volumeGB, diskGB                                int
	volume                                          *volume
	template, address                               string
	port                                            int
	locked, global                                  bool
}

type endpoint struct {
	id, name, kind string
	gpu            *card // nil: its workers have none
	max            int
	byRequests     bool // a queue that scales by them
	dataCenters    []string
	created        time.Time
	queue, working sim.Wave
	statuses       []string // of its workers
}

type volume struct {
	id, name, dataCenter, kind string
	sizeGB                     int
	created                    time.Time // which the API does not tell
}

type cluster struct {
	id, name, kind, dataCenter string
	gpu                        *card
	pods                       []*pod
	created                    time.Time
}

// build makes n resources: pods of every state, endpoints, volumes and clusters with their pods.
func (c *cloud) build(n int) {
	r := c.world.Rand("runpod", "world")
	for i := 0; n > 0; i++ {
		switch turn := i % 10; {
		case turn == 2 || turn == 6:
			c.endpoints = append(c.endpoints, newEndpoint(r, i))
		case turn == 4 || turn == 8:
			c.volumes = append(c.volumes, newVolume(r, i))
		case turn == 9 && n >= 3:
			k := newCluster(r, i)
			c.clusters, c.pods = append(c.clusters, k), append(c.pods, k.pods...)
			n -= len(k.pods)
		default:
			c.pods = append(c.pods, newPod(r, i, len(c.pods)))
		}
		n--
	}
	c.attach()
}

// attach gives some pods a network volume, which must be where they are.
func (c *cloud) attach() {
	for i, p := range c.pods {
		if i%4 == 1 && p.volumeGB == 0 && p.dataCenter != "" && len(c.volumes) > 0 && p.cluster == nil {
			p.volume = c.volumes[i%len(c.volumes)]
			p.dataCenter = p.volume.dataCenter
		}
	}
}

func id(r *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 14)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func past(r *rand.Rand, days int) time.Time {
	return sim.Epoch.Add(-time.Duration(1+r.IntN(days*24*3600)) * time.Second)
}

// newPod makes the i-th resource, a pod after others before it.
func newPod(r *rand.Rand, i, others int) *pod {
	// The first ones show every state, the rest mostly run.
	statuses := []string{"RUNNING", "EXITED", "RUNNING", "STARTING", "RUNNING", "PROVISIONING", "ERROR", "RUNNING", "RUNNING", "TERMINATED"}
	p := &pod{
		id: id(r), name: pick(r, []string{"training", "inference", "notebook", "渲染", "fine-tune"}) + "-" + strconv.Itoa(i),
		image:  pick(r, []string{"runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", "vllm/vllm-openai:v0.11.0"}),
		status: statuses[others%len(statuses)], tier: pick(r, []string{"SECURE", "SECURE", "COMMUNITY"}),
		dataCenter: pick(r, dataCenters()).id, cuda: pick(r, []string{"12.4", "12.8", "13.0"}), created: past(r, 60),
		util: sim.Percent(r), gpuMemory: sim.Percent(r), cpu: sim.Percent(r), memory: sim.Percent(r),
		diskGB: 20 + 10*r.IntN(5), volumeGB: 50 * r.IntN(4), bare: i%13 == 7, locked: i%11 == 3, global: i%7 == 1,
		address: fmt.Sprintf("195.26.233.%d", 1+i%250), port: 30000 + i%20000,
	}
	if i%3 == 0 {
		p.template = ownTemplates()[0].id
	}
	if i%10 == 5 {
		p.vcpus, p.memoryGB, p.cost = 4<<r.IntN(3), 16<<r.IntN(3), 0.06*float64(1+r.IntN(4))
	} else {
		p.gpu, p.gpus = pick(r, cards()), 1<<r.IntN(4)
		p.cost = p.gpu.price(p.tier) * float64(p.gpus)
	}
	if p.status != "RUNNING" && p.status != "STARTING" && p.status != "PROVISIONING" {
		p.cost = 0
	}
	if p.status == "PROVISIONING" {
		p.dataCenter, p.cuda = "", "" // not placed yet
	}
	return p
}

func newEndpoint(r *rand.Rand, i int) *endpoint {
	all := cards()
	e := &endpoint{
		id: id(r), name: "llm-api-" + strconv.Itoa(i), kind: "QUEUE", gpu: pick(r, all[:len(all)-1]), max: 1 + r.IntN(6),
		dataCenters: []string{pick(r, dataCenters()).id}, created: past(r, 120),
		queue: sim.Amount(r, 40), working: sim.Amount(r, 4),
	}
	switch i % 20 {
	case 6:
		e.kind = "LOAD_BALANCER"
	case 12:
		e.byRequests = true
	case 16:
		e.gpu = nil
	}
	if i%30 == 16 {
		e.max = 0
	}
	for range e.max {
		e.statuses = append(e.statuses, pick(r, []string{"RUNNING", "RUNNING", "IDLE", "INITIALIZING", "THROTTLED", "UNHEALTHY"}))
	}
	return e
}

func newVolume(r *rand.Rand, i int) *volume {
	return &volume{
		id: id(r), name: "dataset-" + strconv.Itoa(i), dataCenter: pick(r, dataCenters()).id,
		kind: pick(r, []string{"STANDARD", "STANDARD", "HIGH_PERFORMANCE"}), sizeGB: 10 + r.IntN(4000),
		created: past(r, 90),
	}
}

func newCluster(r *rand.Rand, i int) *cluster {
	card := cards()[0]
	k := &cluster{
		id: "cl-" + id(r), name: "pretrain-" + strconv.Itoa(i), kind: pick(r, []string{"TRAINING", "SLURM", "RAY", "APPLICATION"}),
		dataCenter: pick(r, dataCenters()).id, gpu: card, created: past(r, 20),
	}
	for rank := range 2 {
		k.pods = append(k.pods, &pod{
			id: id(r), name: fmt.Sprintf("%s-node%d", k.name, rank), image: "runpod/slurm:1.0", status: "RUNNING", tier: "SECURE",
			dataCenter: k.dataCenter, cuda: "12.8", gpu: card, gpus: 8, cost: 8 * card.secure, created: k.created, cluster: k,
			rank: rank, util: sim.Percent(r), gpuMemory: sim.Percent(r), cpu: sim.Percent(r), memory: sim.Percent(r), diskGB: 100,
			address: fmt.Sprintf("195.26.234.%d", 1+(2*i+rank)%250), port: 22000 + rank,
		})
	}
	if i%30 == 19 { // it grows
		late := k.pods[1]
		late.status, late.cost = "STARTING", 0
	}
	return k
}
