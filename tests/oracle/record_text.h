// A plain record written as Entra's exporter would send it to Event Hubs.
#ifndef SIGNINWATCH_TESTS_ORACLE_RECORD_TEXT_H_
#define SIGNINWATCH_TESTS_ORACLE_RECORD_TEXT_H_

#include <cstdint>
#include <string>

#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

// One element of `records`. `variant` chooses between spellings that mean the same (case of ids,
// where the code stands, form of times), so that copies of a record may differ in text.
[[nodiscard]] std::string RecordText(const PlainRecord& record, uint64_t variant);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_RECORD_TEXT_H_
