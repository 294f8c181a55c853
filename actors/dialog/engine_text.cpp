// The engine's own sentences. A bot's `texts` may say them otherwise, under the keys of
// `to_string`.
#include "actors/dialog/text.hpp"

#include "protocols/names.hpp"

namespace interject::dialog {

namespace {

constexpr auto keys = std::to_array<const char*>(
    {"cancelled", "nothing_to_cancel", "started_over", "still_working", "not_understood", "retry",
     "old_prompt", "dialog_failed", "help", "prompt_waits"});
using sentences = std::array<std::string_view, keys.size()>;
static_assert(keys.size() == static_cast<std::size_t>(engine_text::prompt_waits) + 1);

constexpr sentences english{
    "All right, cancelled.",
    "There is nothing to cancel.",
    "Let’s start over.",
    "Still working on it, one moment please.",
    "Sorry, I did not understand that.",
    "Sorry, that does not fit my question.",
    "That question is closed by now.",
    "Sorry, something went wrong on my side. Please try again.",
    "Tell me what you need, or say “cancel” to stop what we are doing.",
    "That question comes again. First this one, please.",
};
constexpr sentences french{
    "D’accord, c’est annulé.",
    "Il n’y a rien à annuler.",
    "Reprenons depuis le début.",
    "J’y travaille encore, un instant s’il vous plaît.",
    "Désolé, je n’ai pas compris.",
    "Désolé, cela ne répond pas à ma question.",
    "Cette question n’est plus d’actualité.",
    "Désolé, une erreur s’est produite de mon côté. Veuillez réessayer.",
    "Dites-moi ce qu’il vous faut, ou « annuler » pour arrêter ce que nous faisons.",
    "Cette question reviendra. D’abord celle-ci, s’il vous plaît.",
};
constexpr sentences german{
    "In Ordnung, abgebrochen.",
    "Es gibt nichts abzubrechen.",
    "Fangen wir von vorn an.",
    "Ich arbeite noch daran, einen Moment bitte.",
    "Das habe ich leider nicht verstanden.",
    "Das passt leider nicht zu meiner Frage.",
    "Diese Frage ist inzwischen erledigt.",
    "Bei mir ist leider etwas schiefgegangen. Bitte versuchen Sie es noch einmal.",
    "Sagen Sie mir, was Sie brauchen, oder „abbrechen“, um aufzuhören.",
    "Diese Frage kommt noch einmal. Zuerst diese hier, bitte.",
};
constexpr sentences spanish{
    "De acuerdo, cancelado.",
    "No hay nada que cancelar.",
    "Empecemos de nuevo.",
    "Sigo trabajando en ello, un momento, por favor.",
    "Lo siento, no lo he entendido.",
    "Lo siento, eso no responde a mi pregunta.",
    "Esa pregunta ya está cerrada.",
    "Lo siento, algo ha fallado por mi parte. Inténtelo de nuevo, por favor.",
    "Dígame qué necesita, o «cancelar» para dejar lo que estamos haciendo.",
    "Esa pregunta volverá. Primero esta, por favor.",
};
constexpr sentences turkish{
    "Tamam, iptal edildi.",
    "İptal edilecek bir şey yok.",
    "Baştan başlayalım.",
    "Hâlâ üzerinde çalışıyorum, bir dakika lütfen.",
    "Üzgünüm, bunu anlayamadım.",
    "Üzgünüm, bu soruma uymuyor.",
    "Bu soru artık kapandı.",
    "Üzgünüm, bir şeyler ters gitti. Lütfen yeniden deneyin.",
    "Bana neye ihtiyacınız olduğunu söyleyin ya da bırakmak için “iptal” deyin.",
    "O soru yeniden gelecek. Önce bu, lütfen.",
};

struct language {
  std::string_view code;
  const sentences& all;
};
constexpr language languages[] = {
    {"en", english}, {"fr", french}, {"de", german}, {"es", spanish}, {"tr", turkish}};

} // namespace

const char* to_string(engine_text which) {
  return name_in(keys, which);
}

std::string_view engine_sentence(engine_text which, std::string_view locale) {
  auto i = static_cast<std::size_t>(which);
  auto code = locale.substr(0, locale.find_first_of("-_"));
  for (auto& l : languages)
    if (l.code == code)
      return i < keys.size() ? l.all[i] : std::string_view();
  return i < keys.size() ? english[i] : std::string_view();
}

} // namespace interject::dialog
