// `signinwatch generate`: realistic Entra records with labelled scenarios (SPEC 8).
//
// The output is a function of the options: the same on every machine. Records arrive in disorder
// and some of them twice, but none later than the default allowed_lateness.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_GENERATE_H_
#define SIGNINWATCH_DAEMON_GENERATOR_GENERATE_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "daemon/generator/message_sink.h"
#include "parser/event_time.h"

namespace signinwatch::generator {

struct GenerateOptions {
  uint64_t seed = 1;
  EventTime start;           // of the traffic, 2000 or later; the command's default is a fixed date
  Duration duration = kDay;  // above zero, cut to whole minutes
  uint32_t tenants = 3;      // 1 to kGenerateTenantsMax
  // Of all tenants together; those of the scenarios come on top. At least one a tenant.
  uint32_t users = 1000;
  // Background records, copies not counted; 0: what the users' rhythm gives (about 20 a user and
  // working day), or, with `bytes`, so many that the whole duration gives about that size.
  uint64_t records = 0;
  uint64_t bytes = 0;  // stop the background at about this size; 0: no limit
  // "batches": one Event Hubs message a line ({"records":[...]}, up to 256 KB);
  // "lines": one record a line, as the storage archive has it.
  std::string layout = "batches";
  // 1 to kGeneratePartitionsMax, which messages are dealt to at random; when more than one, files
  // OUTPUT/part-N.jsonl.
  uint32_t partitions = 1;
  std::string output = "-";  // file, directory, or "-" for standard output
  std::string labels;        // side file of the planted scenarios, one JSON object a line (label.h)
  bool scenarios = true;  // plant the scenarios; those that need more than `duration` are left out
};
inline constexpr uint32_t kGenerateTenantsMax = 100'000;
inline constexpr uint32_t kGeneratePartitionsMax = 10'000;

// Messages, progress (when `err` is a terminal) and a one-line JSON summary go to `err`. The result
// is the exit code: 0 fine, 1 failed while writing, 2 options or paths that can't be used.
[[nodiscard]] int RunGenerate(const GenerateOptions& options, std::FILE* err);

// As above, into `sink`; `options.output` is not used. A sink that wants no more without an error
// ends the traffic early, which is fine.
[[nodiscard]] int RunGenerate(const GenerateOptions& options, MessageSink* sink, std::FILE* err);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_GENERATE_H_
