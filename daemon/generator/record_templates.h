// The fixed text of each kind of record, with the holes of text_template.h.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_RECORD_TEMPLATES_H_
#define SIGNINWATCH_DAEMON_GENERATOR_RECORD_TEMPLATES_H_

#include <string>

#include "daemon/generator/record.h"

namespace signinwatch::generator {

[[nodiscard]] std::string RecordTemplate(RecordKind kind);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_RECORD_TEMPLATES_H_
