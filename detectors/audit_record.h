// What several tables keep of an audit record, as tickets show it (SPEC 7).
#ifndef SIGNINWATCH_DETECTORS_AUDIT_RECORD_H_
#define SIGNINWATCH_DETECTORS_AUDIT_RECORD_H_

#include "detectors/text_pool.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

// 0: null, as the others.
[[nodiscard]] TextId InternActor(const AuditDetail& detail, const ParsedMessage& message,
                                 TextPool* pool);
[[nodiscard]] TextId InternRecordId(const Signal& signal, const ParsedMessage& message,
                                    TextPool* pool);
// Lower-cased, as it is compared.
[[nodiscard]] TextId InternName(TextRef user_principal_name, const ParsedMessage& message,
                                TextPool* pool);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_AUDIT_RECORD_H_
