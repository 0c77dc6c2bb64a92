"""What mail clients and companies write around a reply, as data: attributions, separators, header labels, signatures.

Rule: a pattern matches whole lines as some client writes them, in the languages that it is shipped in; nothing here may
match what a person would write by hand in an answer.
"""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE

# "On Mon, 5 Oct 2026 at 10:00, Shop <shop@example.com> wrote:" and its sisters.
VERB: Final = re.compile(
    r"^\W{0,3}(?:quoting\b|引用)|"
    r"\bwrote\b|\bwrites\b|>\s?sent(?= ?:$)|\ba écrit\b|\bécrit\b|\bschrieb\b|\bfolgendes geschrieben\b|"
    r"\bhat am .{4,60}\bgeschrieben\b|escribi[óo]\b|"
    r"\bescreveu\b|\bha scritto\b|\bscrive\b|\bschreef\b|\bhet volgende geschreven\b|\bskrev\b|napisał\(?a?\)?|"
    r"\bnapisana przez\b|\bpisze\b|написала?\b|написав|пишет\b|писала?\b|napsala?\(?a?\)?|napísal|yazdı|kirjoitti|"
    r"\bírta\b|έγραψε|\ba scris\b|đã viết|\bmenulis\b|כתב|كتب|写道|寫道|写到|寫到|撰写|>\s?来信|作成しました|작성|"
    r"썼습니다|(?:이\(가\)|님이) 쓴 (?:글|내용)|のメール|書きました|เขียน",
    _I,
)
STARTER: Final = re.compile(
    r"[-–—‐*=\s]*(?:(?:on|at|le|am|el|em|il|op|den|dne|dňa|dnia|w dniu|pe|στις|în|la|в|на|no dia|vào|pada|wiadomość|"
    r"ons|tir|man|tor|fre|lør|mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс)\b|在|于|於|周|週|星期|\d{1,4}\s*[./年년:-]|"
    r"\d{1,2}\.? \w{3,9}\.? (?:19|20)\d{2})",
    _I,
)
DATED: Final = re.compile(
    r"\d{1,2}\s*[:：.h時时點点]\s*\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}\s*[月/.-]\s*\d{1,2}|(?:19|20)\d{2}\s*[年-]|\d{4}년"
)
ADDRESS: Final = re.compile(r"\S+@\S+")
# A date with a time of day at the end of a line with a colon: an attribution in a language that is not known here.
TIMED: Final = re.compile(r"(?:19|20)\d{2}.{1,24}\d{1,2}:\d{2}.{0,40}[:：]$")
# A whole date and a time, as programs write them: a person's "On Monday she wrote:" has none.
STAMP: Final = re.compile(
    r"\d{1,2}:\d{2} \d{1,2}/\d{1,2}/\d{4}|"
    r"(?:\d{1,4} ?[./-] ?\d{1,2} ?[./-] ?\d{1,4}|\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日|"
    r"\d{1,2}\.? (?:de )?\w{3,9}\.? (?:de )?(?:19|20)\d{2}|\d{1,2}-\w{3,9}\.?-(?:19|20)\d{2}|"
    r"\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?, (?:19|20)\d{2}).{0,24}?\d{1,2} ?[:.h點点时時] ?\d{2}"
)
# In Chinese nothing but the date's own signs stands between it and the verb: 我在2026年…给客服写道 is a person's.
WHEN: Final = re.compile(
    r"[在于於]\s?(?:19|20)\d{2}\s?[年/-]"
    r"[\d\s年月日号號周週星期礼禮拜一二三四五六七天上下早晚凌晨中傍午点點时時分秒:：.,，/+()（）\[\]A-Z-]{3,60}(?:写|寫|撰)|"
    r"\b(?:wrote on|schrieb am|hat am|ha scritto il|a écrit le|escribi[óo] el|kirjoitti) .{4,30}\d[:.]\d{2}",
    _I,
)
# Gmail in some languages, Mail.ru, Yandex, Tuta and old clients: a date, a time, a name and an address, and no verb.
VERBLESS: Final = re.compile(
    r"^(?=.{0,80}\d{1,2}[:.]\d{2}).{6,200}(?:<[^<>\s]+@[^<>\s]+>\s*| by [^\s@]+@[^\s@]+)[:：]$"
)
# The same without a colon, nothing else in the line: "Jade <a@b.example> 2026-10-05 10:00", or the date first.
_SENDER: Final = r"[^<>@\n]{0,60}<[^<>\s]{1,64}@[^<>\s]{1,200}>"
_ZONE: Final = r"(?::\d\d)?\s?(?:[ap]\.?m\.?)?\s?(?:\(?(?:gmt|utc|[+-]\d)[\d:+-]{0,6}\)?)?"
UNMARKED: Final = re.compile(
    rf"^{_SENDER}[,，;\s]{{0,4}}(?:\w{{2,9}},? )?(?:{STAMP.pattern}){_ZONE}$|"
    rf"^(?:\w{{2,9}},? )?(?:{STAMP.pattern}){_ZONE}[,，;\s]{{0,4}}{_SENDER}$|"
    # Gmail of old with the address taken out; no person writes the zone so.
    r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d [^<>@.!?:]{2,60}:?$",
    _I,
)
# Gmail until 2013, right above the quote: "2026/10/5 Jade <a@b.example>".
DAY_ONLY: Final = re.compile(rf"^\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}[,，;\s]{{1,4}}{_SENDER}$")
# Yahoo's apps write the attribution and the whole old mail in one line.
IN_ONE_LINE: Final = re.compile(
    r"\s*(?:on\b|在|于|於)(?:.{6,160}<[^<>\s]{3,200}>|"
    rf".{{1,6}}(?:{STAMP.pattern}).{{1,40}} [\w.+-]{{1,64}}@[\w.-]{{1,200}})"
    r"\s?(?:wrote|写道|寫道)\s?[:：][\s>]",
    re.IGNORECASE,
)
# Where an attribution begins behind words in the same line: a program that took the tags out of HTML joined them.
RUN_ON: Final = re.compile(
    r"On (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? [A-Z\d]|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d|\d)|"
    r"Am (?:Mo|Di|Mi|Do|Fr|Sa|So|\d)|Le (?:lun|mar|mer|jeu|ven|sam|dim|\d)|El (?:lun|mar|mié|jue|vie|sáb|dom|\d)|"
    r"Il (?:giorno|lun|mar|mer|gio|ven|sab|dom|\d)|Em (?:seg|ter|qua|qui|sex|sáb|dom|\d)|"
    r"Op (?:ma|di|wo|do|vr|za|zo|\d)|[在于於] ?20\d{2} ?[年/-]"
)
# GroupWise: ">>> Jade <a@b.example> 10/5/2026 10:00 AM >>>", with the old mail below it as it was.
BRACKETED: Final = re.compile(r"^>>> .{3,200}\d{1,2}[:.]\d{2}.{0,12} >>>$")
# Gmail in Chinese may put the name, or the name and the address, on lines above "于 … 写道：".
NAMED_ABOVE: Final = re.compile(r"[^<>]{0,200}<[^<>\s]+@[^<>\s]+>[^<>]{0,30}$")
NAME_ALONE: Final = re.compile(r"[^<>@.!?:。！？：]{1,60}$")
WEEKDAY: Final = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|seg|ter|qua|"
    r"qui|sex|ma|wo|vr|za|zo|man|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön|pon|wt|śr|czw|pt|sob|niedz|пн|вт|ср|чт|пт|сб|вс|"
    r"понедельник|вторник|сред|четверг|пятниц|суббот|воскресень|周|週|星期)\w{0,9}(?:-feira)?",
    _I,
)
# What may be left on a line of its own above the date: "---- On Mon," or "Il giorno".
LEAD_IN: Final = re.compile(
    r"^[-–—‐*=\s]{0,8}"
    r"(?:(?:on|at|le|am|el|em|il(?: giorno)?|op|den|dne|dnia|w dniu|pe|no dia|vào|pada|在|于|於)[\s,]{0,2}"
    rf"(?:{WEEKDAY.pattern})?|{WEEKDAY.pattern})[.,，]{{0,2}}$",
    _I,
)
# Gmail breaks an attribution inside its address; what follows the break looks quoted.
BROKEN_ADDRESS: Final = re.compile(r"<[^<>\s]*@[^<>\s]*$")
BROKEN_REST: Final = re.compile(r"^> ?[^<>]{0,40}[:：]$")
# A link that a relay broke in a quote, and the rest of it.
OPEN_LINK: Final = re.compile(r"[(<]https?://[^\s()<>]{1,300}$")
LINK_REST: Final = re.compile(r"[^\s()<>]{1,300}[)>]\W{0,2}$")
IN_ADDRESS: Final = re.compile(r"[^\s<>]{1,64}@[^\s<>]{1,200}>")
# Newton and Polymail write "<", then this, then "> wrote:", on a line each, below a date, a name and an empty line.
MAILTO: Final = re.compile(r"^mailto:[^<>]{0,80}(<[^<>\s]+@[^<>\s]+>)$")

_OLD_MAIL: Final = (
    r"original(?: (?:messages?|mail|e-?mail|appointment))?|forwarded (?:message|mail)|repl(?:y|ied) message|"
    r"原始?(?:邮件|郵件|信息|信件|訊息|讯息|邮件信息)|回复的(?:原始?)?邮件(?:信息)?|邮件原[文件]|原文|原始郵件訊息|"
    r"转发(?:的)?(?:邮件|消息|信息)(?:信息)?|轉寄(?:的)?(?:郵件|訊息|信件)|轉發郵件|"
    r"ursprüngliche (?:nachricht|mail)|original-?nachricht|weitergeleitete nachricht|"
    r"message (?:d['’]origine|original|initial)|"
    r"message transféré|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)|mensagem (?:original|"
    r"encaminhada)|"
    r"(?:oorspronkelijk|origineel|doorgestuurd) bericht|"
    r"(?:исходное|оригинальное|пересылаемое|перенаправленное) сообщение|"
    r"původní zpráva|přeposlaná zpráva|pôvodná správa|oryginalna wiadomość|treść przekazanej wiadomości|"
    r"original besked|videresendt (?:meddelelse|melding)|originalmeddelande|vidarebefordrat meddelande|"
    r"välitetty viesti|eredeti üzenet|özgün ileti|mesaj(?:ul)? original|missatge original|αρχικό μήνυμα|pesan asli|"
    r"оригінальне повідомлення|الرسالة الأصلية|הודעה מקורית|전달된? 메시지|"
    r"wiadomość oryginalna|oprindelig (?:besked|meddelelse)|opprinnelig melding|ursprungligt meddelande|"
    r"alkuperäinen viesti|元のメッセージ|原文のメール|オリジナルメッセージ|転送メッセージ|원본 ?(?:메시지|메일)|"
    r"orijinal mesaj|thư gốc"
)
# Samsung's phones go on in the same line with "From: …"; Android's first mail program wrote "---- Jade wrote ----".
SEPARATOR: Final = re.compile(
    rf"^[-_=*—–‐─][-_=*—–‐─ ]+(?:{_OLD_MAIL}) ?[-_=*—–‐─][-_=*—–‐─ ]+"
    r"(?:[:：]?$|(?:from|von|de|da|van|fra|från|от|od|发件人|寄件者|寄件人|差出人|보낸 ?사람)\s?[:：])|"
    r"^-{3,4} ?[^-]{1,80} wrote ?-{3,4}$",
    _I,
)
# The new QQ Mail writes the words alone; they count only above a block of header lines.
BARE_SEPARATOR: Final = re.compile(rf"^(?:{_OLD_MAIL}|_{{5,}}|[-—–─=]{{3,}}|\ufdd3)\s*[:：]?$", _I)
FORWARD: Final = re.compile(
    r"^(?:begin forwarded message|inicio del mensaje reenviado|début du message (?:réexpédié|transféré)|"
    r"anfang der weitergeleiteten (?:nachricht|e-?mail)|inizio messaggio inoltrato|開始轉寄(?:郵件|訊息)|"
    r"开始转发的?邮件|início da mensagem (?:re)?encaminhada|begin doorgestuurd bericht|"
    r"начало переадресованного сообщения|vidarebefordrat brev|videresendt (?:besked|melding)|전달된 메시지 시작|"
    r"下面是(?:被)?转发的?邮件|以下是轉寄的郵件|転送されたメッセージ)\s*[:：]$|"
    r"^original message processed by david\W{0,3}$",
    _I,
)

# The header lines that clients copy above the old mail, by what they say; spaces inside a label do not count.
LABELS: Final[dict[str, str]] = {
    label: kind
    for kind, labels in {
        "from": "from 发件人 发信人 发送人 發件人 寄件者 寄件人 von de da van från fra od lähettäjä от отправитель "
        "差出人 送信者 보낸사람 보낸이 gönderen kimden từ dari من מאת откого",
        "date": "sent date senttime datesent 发送时间 发件时间 发送日期 日期 时间 發送時間 傳送時間 傳送日期 寄件日期 "
        "日期時間 "
        "gesendet datum envoyé enviado enviadael inviato data verzonden skickat sendt dato fecha отправлено дата "
        "lähetetty päivämäärä messagedu wysłano odesláno enviadoem enviadaem "
        "gesendetam envoyéle отправлен 送信日時 日時 日付 일자 보낸일시 날짜 보낸날짜 보낸시간 tarih ngày "
        "تمالإرسال التاريخ נשלח תאריך",
        "to": "to 收件人 收信人 收件者 an à para a aan till til do pro vastaanottaja кому получатель 宛先 받는사람 "
        "받는이 kime alıcı đến إلى אל",
        "subject": "subject 主题 主旨 标题 主題 betreff objet asunto oggetto assunto onderwerp ämne emne тема aihe "
        "temat "
        "předmět 件名 제목 konu chủđề الموضوع נושא sujet 標題",
        "cc": "cc 抄送 副本 抄送人 kopie 参照 참조",
    }.items()
    for label in labels.split()
}

# "Sent from my iPhone" and what phones and webmails add of themselves.
_NO_TALE: Final = (
    r"(?!.{0,60}\b(?:because|when|while|after|before|but|nobody|never|not|try|tried|trying|wait|waited|waiting|calls?|"
    r"called|calling|times|twice|repl(?:y|ied)|answer\w*)\b|.{0,60}(?:？|\?(?:\s|$)))"
)
_DEVICE: Final = (
    r"(?:my |your )?(?:new )?(?:iphone|ipad|ipod|samsung|galaxy|android|huawei|honor|xiaomi|mi phone|redmi|oppo|vivo|"
    r"oneplus|pixel|sony|lg|nokia|htc|motorola|blackberry|windows phone|mobile|phone|cell|tablet|device|mac|"
    rf"smartphone|verizon|at&t|t-mobile){_NO_TALE}.{{0,60}}"
)
_PROGRAM: Final = (
    r"(?:mail|outlook|yahoo|proton ?mail|proton|spark|gmail|airmail|aol|fastmail|zoho|mailbird|thunderbird|superhuman|"
    r"edison|canary|mailbox|nylas(?: mail)?|tutanota|tuta|yandex|the all new aol|newton|(?:workspace one )?boxer|"
    r"xfinity connect|comcast app|hey|windows mail|blue ?mail|mymail|typeapp|"
    r"aqua mail|k-9|missive|polymail|mailspring|lark|feishu|dingtalk|qq ?mail|netease|foxmail|wecom)\b"
    rf"{_NO_TALE}.{{0,80}}|"
    r"(?:blue|nine|front|shift)(?:\s?<https?://[^<>\s]{1,100}>)?"
)
_GET: Final = (
    r"get|download|télécharge[rz]|obten\w{1,3}|obter|obtén|ottieni|scarica|baix(?:ar|e)|hämta|hent|hanki|pobierz|скачать|"
    r"получит[ье]"
)
_DEVICE_ZH: Final = (
    r"(?:iphone|ipad|apple|华为|華為|荣耀|小米|红米|redmi|oppo|vivo|三星|魅族|一加|realme|iqoo|中兴|联想|android|"
    r"安卓|手机|手機|平板|移动设备|行動|钉邮|outlook|网易|qq|139|189|foxmail|新浪|搜狐|阿里|wps|windows|mac\b|spark|"
    r"yahoo|雅虎|gmail|proton|samsung|galaxy|huawei|honor|xiaomi|飞书|lark|钉钉|企业微信|微信|腾讯|wecom|coremail|"
    r"论客|电信|联通|移动|万网|邮件|郵件|邮箱)"
)
# What may follow a device; another word makes it a person's: 来自微信朋友的推荐.
_KIND_ZH: Final = (
    r"(?:[\w .()+-](?<![^\x00-\x7f])|我的|手机|手機|智能|企业|邮箱|郵箱|电子|信箱|電子|奇摩|大师|客户端|客戶端|平板|"
    r"适配|应用|邮件|郵件|设备|电脑|网页|移动|论客|版|端|云){0,24}"
)
# The same in other languages: what it was made with must be named, and no sentence goes on: "Gesendet mit DHL, kaputt".
_MADE_WITH: Final = (
    r"(?=.{0,40}(?:iphon|ipad|ipod|samsung|galaxy|android|huawei|honor|xiaomi|redmi|realme|poco|oppo|vivo|oneplus|pixel|"
    r"xperia|nokia|htc|motorola|blackberry|fairphone|smartphone|tablet|windows|outlook|yahoo|gmail|gmx|web\.de|proton|"
    r"spark\b|libero|k-9|thunderbird|\bmac\b|\bmail|\bhandy\b|mobil|móvil|celular|cellulare|telefon|teléfono|"
    r"téléphone|telefoon|telemóvel|courrier|correo|\bposta\b|e-?mail|почт|mail\.ru|яндекс|телефон|смартфон))"
    r"(?!.{0,60}\b(?:porque|pero|weil|aber|denn|nicht|kein\w*|parce|car|mais|pas|perch[eé]|non|omdat|maar|niet|потому|но|"
    r"не|nie|och|men|inte|ikke|não|nunca|mal|sans|sin|senza|sem|ohne|zonder|без)\b)"
    r"(?:[^,;:.!?]|\.\w){0,70}"
)
_SENT_BY: Final = (
    r"(?:envoyé (?:de|depuis|avec|à partir d)|gesendet (?:von|mit|über|via)|"
    r"enviado (?:desde|do|de|del|pelo|a partir|con)|"
    r"diese (?:nachricht|e-?mail) wurde (?:von|mit)|inviato (?:da|con)|ver(?:zonden|stuurd) (?:vanaf|met|vanuit|via)|"
    r"skickat från|sendt fra|lähetetty|отправлено (?:с|из|через)|надіслано (?:з|із)|wysłan[eo] z|odesláno z|odoslané z|"
    r"đã gửi từ|dikirim dari|ส่งจาก|trimis de pe|στάλθηκε από|enviat des d|provenance :)"
)
MOBILE: Final = re.compile(
    r"^(?:.{0,30}\boutlook\b.{0,20}[<(]https://aka\.ms/\w{1,20}[>)].{0,20}|ᐧ|"
    rf"(?:{_GET}) (?:o )?(?:outlook|\w{{1,10}}mail) \w{{2,4}} (?:ios|android|mac|windows|mobile).{{0,60}}|"
    r"(?:laden sie |holen sie sich )?outlook (?:for|voor|für|para|per|pour) (?:ios|android) ?"
    r"(?:downloaden|beziehen|を入手|herunter(?:laden)?|받기|다운로드)|holen sie sich outlook für (?:ios|android)|"
    r"(?:ios|android)용 outlook (?:다운로드|받기)|"
    rf"sent (?:from|via|using|with|on) \[?(?:the )?(?:{_DEVICE}|{_PROGRAM})|"
    r"sent from an? (?:mobile )?(?:phone|device|tablet|smartphone)|send from my (?:iphone|ipad|phone)|"
    r"yahoo mail: search, organize, conquer.{0,40}|do you yahoo!\?.{0,20}|secured with tuta.{0,20}|"
    r"von (?:meinem?(?:/meiner)? .{1,40}|unterwegs|mobil|yahoo mail auf \w{1,12}) gesendet|"
    rf"{_SENT_BY}{_MADE_WITH}|"
    r"az? .{1,30}r[óő]l küldve|أُ?رسلت من .{1,40}|נשלח מה.{1,40}|"
    r".{1,20}umdan gönderildi|나의 .{0,20}에서 보냄|내 .{0,20}에서 보냄|"
    r".{0,12}(?:iphone|ipad|android|galaxy|xperia|スマートフォン|スマホ|携帯|outlook|メール|mail|windows|docomo).{0,14}から送信(?:されました)?|"
    r".{0,12}(?:iphone|galaxy|갤럭시|스마트폰|휴대폰|android|outlook|메일).{0,12}에서 (?:보냄|보냈습니다)|"
    # How somebody heard of a shop is an answer.
    r"(?!来自\s?(?:微信|移动|电信|联通|阿里|腾讯|新浪|搜狐|雅虎|邮件|手机|钉钉|飞书)[\s.。!！]*$)"
    rf"(?:发自|发送自|来自|寄自|發自|發送自|來自|傳送自|寄件自)[\s:：]*(?:我的|您的|中国)?\s*{_DEVICE_ZH}{_KIND_ZH}|"
    rf"(?:从|由|從)\s*(?:我的|您的)?\s*{_DEVICE_ZH}{_KIND_ZH}(?:发送|發送|发出|發出|传送|傳送|寄出)|"
    r"sent from my (?!heart\b|soul\b)[^.,!?]{1,30}|发自我的(?!.*心)[^，。！？,!?]{1,20}|"
    r"(?:获取|下载|取得|下載)\s?(?:outlook for \w|(?:适用于|適用於)\s?[\w ]{2,12}[的版]\s?outlook).{0,60}|"
    r"[^.!?]{1,60} reacted via gmail|<https://www\.google\.com/gmail/about/[^>\s]{0,300}>|"
    r"使用\s?zoho\s?mail\s?发送|签名由\s*网易邮箱.{0,20}|(?:此|本)邮件由.{0,30}(?:发送|发出)|通过.{0,20}(?:客户端|邮箱大师)发送|"
    r"signature is customized by netease.{0,30}|sent by netease.{0,20}|网易邮箱大师)[\s.。!！)]*$",
    _I,
)
SIGNATURE: Final = re.compile(r"^(?:--|—|——|– –|__)\s?$|^\|\s*\|$")
# Tencent's two mail services draw this above a signature.
TENCENT_SIGNATURE: Final = "-" * 18
# A line that begins with a time of day and names no day is the rest of a longer attribution.
TIME_ALONE: Final = re.compile(
    r"(?:(?:at|um|à|às?|a las|alle ore|om|kl\.?|klo|в) )?\d{1,2}[:：]\d{2}(?![.\d])(?!.*(?:19|20)\d{2})", _I
)
_LEGAL: Final = (
    r"(?:\bthis (?:e-?mail|message|communication|transmission)|\bintended\b|privileged|recipient|\bviews\b|opinions|"
    r"confidential|solely|proprietary|legally|any attach|information contained)"
)
# Unmarked first lines of what a company, a scanner or a provider hangs below a mail.
DISCLAIMER: Final = re.compile(
    r"^(?!.{0,60}(?:？|吗|\?(?:\s|$)))\W{0,4}(?:"
    r"(?:confidential(?:ity)? (?:notice|note|statement|e-?mail)|legal (?:notice|disclaimer)|disclaimer)\b"
    rf"(?:\W*$|.{{0,160}}{_LEGAL})|"
    r"this (?:e-?mail|message|communication|transmission)(?: message)?,? (?:and|including|is|may|contains|was sent|"
    r"(?:has|was) (?:been )?(?:scanned|checked)).{0,120}(?:confidential|privileged|intended|virus|malware|avast|avg)|"
    rf"the (?:information|content|contents) (?:contained )?(?:in|of) this (?:e-?mail|message)\b.{{0,160}}{_LEGAL}|"
    r"this (?:e-?mail|message|communication|transmission)\b.{0,60}\bis intended (?:solely|only|exclusively)\b|"
    r"please consider the environment before|think before you print|virus-free\W{0,3}(?:$|www)|"
    r"https?://www\.(?:avast|avg)\.com/|"
    r"(?:本|此)(?:邮件|电子邮件|郵件|電子郵件|信件).{0,40}(?:保密|机密|機密|法律|病毒|仅供|僅供|指定收件人|"
    r"收件人使用)|(?:保密|免责|免責|法律)(?:声明|聲明|提示|通知)\s*(?:[:：】\]]\s*)?(?:$|(?<=[:：】\]]).{0,160}(?:邮件|郵件|信息|"
    r"訊息|收件人|附件))|(?:[请請]在)?(?:打印|列印).{0,12}前?.{0,4}(?:考虑|考慮)[环環]|"
    r"[请請](?:考虑|考慮)[环環].{0,12}(?:打印|列印)|"
    r"diese e-?mail (?:enthält|und)|ce (?:message|courriel).{0,60}confidentiel|このメール(?:は|には).{0,40}機密)",
    _I,
)
BANNER: Final = re.compile(
    r"^\W{0,6}(?:"
    r"(?:caution|warning|external|attention|notice)\b(?=.{0,160}(?:mail|message|sender|click|organi[sz]ation)).{0,80}"
    r"(?:external|outside|originat|links|attachments)|"
    r"external (?:e-?mail|sender)|this (?:e-?mail|message) (?:originated|came|is) (?:from )?(?:outside|an external)|"
    r"(?:注意|提示|警告|安全提醒)[:：].{0,30}外部.{0,20}(?:邮|郵|发件|發件|寄件|来源|來源|域|链接|人员))",
    _I,
)

# How a letter ends, on a line of its own.
SIGN_OFF: Final = re.compile(
    r"(?:(?:(?:with )?(?:best|kind|warm|many)?\s*(?:regards|wishes|thanks)|best|cheers|sincerely|thanks?|thank you|thx"
    r"|br|rgds|kr|ta|yours(?: sincerely| faithfully| truly)?|sincerely yours|respectfully|cordially)"
    r"(?: (?:so|very) much| again)?"
    r"|谢谢|多谢|感谢|谢谢您|此致|敬礼|此致敬礼|祝好|祝商祺|顺颂商祺|顺祝商祺|祝工作顺利|祝您工作顺利|辛苦了)[\s,.!，。！]*",
    re.IGNORECASE,
)
