// `signinwatch generate`: realistic Entra records with labelled scenarios (SPEC 8).
#ifndef SIGNINWATCH_BENCH_GENERATOR_GENERATE_H_
#define SIGNINWATCH_BENCH_GENERATOR_GENERATE_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "parser/event_time.h"

namespace signinwatch {

struct GenerateOptions {
  uint64_t seed = 1;
  EventTime start;  // of the traffic; the command's default is a fixed date
  Duration duration = kDay;
  uint32_t tenants = 3;
  uint32_t users = 1000;  // of all tenants together
  uint64_t records = 0;   // background records; 0: what the users' rhythm gives
  uint64_t bytes = 0;     // stop the background at about this size; 0: no limit
  // "batches": one Event Hubs message a line ({"records":[...]}, up to 256 KB);
  // "lines": one record a line, as the storage archive has it.
  std::string layout = "batches";
  uint32_t partitions = 1;   // files DIR/part-N.jsonl when more than one
  std::string output = "-";  // file, directory, or "-" for standard output
  std::string labels;        // side file of the planted scenarios, one JSON object a line
  bool scenarios = true;     // plant the scenarios
};

[[nodiscard]] int RunGenerate(const GenerateOptions& options, std::FILE* err);

}  // namespace signinwatch

#endif  // SIGNINWATCH_BENCH_GENERATOR_GENERATE_H_
