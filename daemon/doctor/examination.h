// The checks in their order: gathers the facts, each within its deadline, and has them judged.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_EXAMINATION_H_
#define SIGNINWATCH_DAEMON_DOCTOR_EXAMINATION_H_

#include <functional>
#include <string>

#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/doctor/finding.h"

namespace signinwatch::doctor {

// Tells each finding as soon as it is known. See doctor.h for what it leaves alone.
void Examine(const config::Config& config, const std::string& config_path,
             const clock::Clock& clock, const std::function<void(const Finding&)>& tell);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_EXAMINATION_H_
