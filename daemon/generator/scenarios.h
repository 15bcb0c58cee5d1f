// The planted scenarios: one for each cause and finding, for the ways a ticket ends, for whole
// tenants, and near misses. All of them together are a set, of some 1,500 records.
//
// Their users take no part in the background, so what must come of them is known exactly (label.h).
#ifndef SIGNINWATCH_DAEMON_GENERATOR_SCENARIOS_H_
#define SIGNINWATCH_DAEMON_GENERATOR_SCENARIOS_H_

#include <cstdint>
#include <vector>

#include "daemon/generator/label.h"
#include "daemon/generator/population.h"
#include "daemon/generator/record.h"
#include "daemon/generator/scene.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

// Plans what fits between `start` and `start + duration`: user scenarios from 04:00 to 18:00 of
// each day since the start, tenant scenarios in the background's lull. `sets_a_day` is brought
// between one and what the tenants have room for: a set has three tenants to itself. Records come
// sorted by when the exporter may have them, labels by first event time.
[[nodiscard]] Plan PlanScenarios(const Population& population, uint64_t seed, Ticks start,
                                 Ticks duration, uint64_t sets_a_day);

// What record a planted one is, as background.h has it for the background.
void DescribePlanted(const Population& population, const Planted& planted, const Pending& pending,
                     Record* record);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_SCENARIOS_H_
