// The detectors under test: an arrival in, final tickets out, in the oracle's form.
#ifndef SIGNINWATCH_TESTS_ORACLE_DETECTOR_RUN_H_
#define SIGNINWATCH_TESTS_ORACLE_DETECTOR_RUN_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "detectors/config.h"
#include "tests/oracle/arrival.h"
#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

[[nodiscard]] DetectionConfig ToDetectionConfig(const OracleConfig& config);

struct DetectorRun {
  std::vector<nlohmann::json> tickets;  // sorted as the oracle's
  // Title, summary and runbook of each, in that order: the oracle knows no words, but they too are
  // a function of the records.
  std::vector<std::string> words;
  std::string broken;  // what must not happen at all, did; empty: nothing
};

// Parses, applies, saves and restarts as the arrival says, and closes everything at its end.
[[nodiscard]] DetectorRun RunDetector(const Arrival& arrival,
                                      const std::vector<PlainRecord>& records,
                                      const OracleConfig& config);

// nullopt if both are the same in all that SPEC 4 promises, else the first difference.
[[nodiscard]] std::optional<std::string> FirstDifference(
    const std::vector<nlohmann::json>& expected, const std::vector<nlohmann::json>& actual);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_DETECTOR_RUN_H_
