#include "detectors/audit_record.h"

#include <string>

#include "parser/ids.h"

namespace signinwatch {

TextId InternActor(const AuditDetail& detail, const ParsedMessage& message, TextPool* pool) {
  for (const TextRef actor : {detail.actor_user_principal_name, detail.actor_user_id,
                              detail.actor_app_display_name, detail.actor_service_principal_name,
                              detail.actor_service_principal_id, detail.actor_app_id}) {
    if (!actor.empty()) return pool->Intern(message.Text(actor));
  }
  return 0;
}

TextId InternRecordId(const Signal& signal, const ParsedMessage& message, TextPool* pool) {
  return signal.id.form == IdForm::kGuid ? pool->Intern(FormatGuid(signal.id.hi, signal.id.lo))
                                         : pool->Intern(message.Text(signal.id_text));
}

TextId InternName(TextRef user_principal_name, const ParsedMessage& message, TextPool* pool) {
  std::string name(message.Text(user_principal_name));
  LowerAscii(name);
  return pool->Intern(name);
}

}  // namespace signinwatch
