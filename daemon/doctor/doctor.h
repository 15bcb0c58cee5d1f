// `signinwatch doctor`: looks at all that the daemon needs, in the order in which it needs it, and
// says what is wrong and what to do.
//
// Disturbs no daemon that runs: joins no group, commits nothing, writes to no store, sends no
// ticket. Ends within a minute, whatever does not answer.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_DOCTOR_H_
#define SIGNINWATCH_DAEMON_DOCTOR_DOCTOR_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "daemon/config/config.h"

namespace signinwatch::doctor {

struct DoctorOptions {
  enum class Format : uint8_t { kText, kJson } format = Format::kText;
  std::string config_path;  // to name it
};

// A line for each finding, as it is found. The exit code: 0 nothing failed, 1 something did. With a
// configuration that says all that `serve` needs.
[[nodiscard]] int RunDoctor(const config::Config& config, const DoctorOptions& options,
                            std::FILE* out, std::FILE* err);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_DOCTOR_H_
