"""Single lines and blocks that mail programs write around a reply, for tests that try each in several places."""

from __future__ import annotations

_M = "<feedback@jade.example>"

ATTRIBUTIONS = f"""
On Mon, 5 Oct 2026, 10:00 Jade Hotel, {_M} wrote:
On Monday, October 5th, 2026 at 10:00 AM, Jade Hotel {_M} wrote:
On Monday 5 October 2026 10:00:00 Jade Hotel wrote:
On 10/05/2026 10:00 AM, Jade Hotel wrote:
On 2026-10-05 10:00, Jade Hotel wrote:
On Mon, 2026-10-05 at 10:00 +0800, Jade Hotel wrote:
On 5 October 2026 10:00:00 CEST, Jade Hotel {_M} wrote:
At 2026-10-05 10:00:00, "Jade Hotel" {_M} wrote:
At 10:00 05/10/2026, you wrote:
Jade Hotel wrote on 10/5/26 10:00 AM:
--- On Mon, 10/5/26, Jade Hotel {_M} wrote:
Am 05.10.26 um 10:00 schrieb Jade Hotel:
Jade Hotel {_M} schrieb am Mo., 5. Okt. 2026, 10:00:
Jade Hotel schrieb am 05.10.2026 um 10:00:
Jade Hotel {_M} hat am 05.10.2026 10:00 CEST geschrieben:
Jade Hotel ha scritto il 05/10/2026 10:00 CEST:
2026-10-05 오전 10:00에 Jade Hotel 이(가) 쓴 글:
Στις 5/10/2026 10:00 π.μ., ο/η Jade Hotel έγραψε:
Le 05/10/2026 à 10:00, Jade Hotel a écrit :
El lun, 5 oct 2026 a las 10:00, Jade Hotel ({_M}) escribió:
Em seg., 5 de out. de 2026 às 10:00, Jade Hotel {_M} escreveu:
Il giorno lun 5 ott 2026 alle ore 10:00 Jade Hotel {_M} ha scritto:
Op 05-10-2026 om 10:00 schreef Jade Hotel:
Op 5 okt. 2026 om 10:00 heeft Jade Hotel {_M} het volgende geschreven:
Am Montag, 5. Oktober 2026 um 10:00:00 MESZ hat Jade Hotel {_M} Folgendes geschrieben:
On 5-Oct-2026, at 10:00 AM, Jade Hotel {_M} sent:
Wiadomość napisana przez Jade Hotel {_M} w dniu 05.10.2026, o godz. 10:00:
Понедельник, 5 октября 2026, 10:00 +03:00 от Jade Hotel {_M}:
星期一, 十月 5, 2026 10:00 上午，Jade Hotel {_M} 来信：
Den 2026-10-05 kl. 10:00, skrev Jade Hotel:
ma 5. lokak. 2026 klo 10.00 Jade Hotel {_M} kirjoitti:
W dniu 5.10.2026 o 10:00, Jade Hotel pisze:
Vào Th 2, 5 thg 10, 2026 vào lúc 10:00 Jade Hotel {_M} đã viết:
2026/10/05 10:00、Jade Hotel {_M}のメール:
2026. 10. 5. 오전 10:00, Jade Hotel {_M} 작성:
05 Oct 2026, 10:00 by feedback@jade.example:
在 2026年10月5日星期一，Jade Hotel {_M} 写道：
在 2026/10/5 10:00, Jade Hotel 写道:
在 2026-10-05 10:00:00，feedback@jade.example 写道：
在 2026年10月5日 10:00, Jade Hotel {_M} 撰写:
2026年10月5日 星期一 上午10:00，Jade Hotel {_M} 寫道：
Jade Hotel 于2026年10月5日 周一10:00写道：
"Jade Hotel" {_M} 于 2026-10-05 10:00:00 写道:
Jade Hotel {_M} 於 2026年10月5日 星期一 上午 10:00:00 [GMT+8] 寫道：
---- 在 星期一, 2026-10-05 10:00:00 Jade Hotel {_M} 写道 ----
""".strip().split("\n")

SHOWN_BY_THE_QUOTE = [
    "In reply to Jade's message of Mon, 5 Oct 2026 10:00:",
    f"* Jade Hotel {_M} [2026-10-05 10:00]:",
]

UNMARKED = [
    f"Jade Hotel {_M} 2026年10月5日周一 10:00",
    f"翠湖 {_M}, 2026-10-05 10:00:00",
    f"{_M} Mon, 5 Oct 2026 10:00 +0800",
    f"2026/10/05 10:00 Jade Hotel {_M}",
    f"Mon, Oct 5, 2026 at 10:00 AM Jade Hotel {_M}",
]

HEADER_BLOCKS = [
    block.strip()
    for block in f"""
From: Jade [mailto:feedback@jade.example]
Sent: Monday
To: Ann
Subject: Stay
=====
**From:** Jade {_M}
**Sent:** Monday
**To:** Ann
**Subject:** Stay
=====
From: Jade Hotel
Date: 2026-10-05 10:00
To: ann@example.net
CC: bob@example.net
Subject: Stay
=====
寄件者： 翠湖 {_M}
日期： 2026年10月5日
收件者： 張三
主旨： 住宿
=====
------------------ 原始邮件 ------------------
发件人:
"翠湖"
{_M};
发送时间: 2026年10月5日
收件人: "张三"<zhang@qq.com>;
主题: 体验
=====
---Original---
From: "Jade"{_M}
Date: Mon, Oct 5, 2026 10:00 AM
To: "zhang"<zhang@qq.com>;
Subject: Stay;
=====
Original
From：Jade {_M}
Date：2026-10-05 10:00
To：zhang
Subject：Stay
=====
----------回复的邮件信息----------
发件人：翠湖 {_M}
日期：2026年10月5日 10:00
收件人：zhang
主题：体验
=====
---- Replied Message ----
From\tJade{_M}
Date\t10/05/2026 10:00
To\tzhang
Subject\tStay
=====
-------- 原始信息 --------
发件人： 翠湖 {_M}
日期： 2026/10/5 10:00
收件人： 张三
主题： 体验
=====
---------- 转发的邮件 ---------
发件人： 翠湖 {_M}
日期： 2026年10月5日周一 10:00
Subject: 体验
收件人： <zhang@example.cn>
=====
下面是被转发的邮件：

发件人: 翠湖 {_M}
主题: 体验
日期: 2026年10月5日 10:00
收件人: zhang@example.cn
=====
De: Jade {_M}
Enviada em: segunda-feira, 5 de outubro de 2026 10:00
Para: Ann
Assunto: Stay
=====
Lähettäjä: Jade {_M}
Lähetetty: maanantai 5. lokakuuta 2026 10.00
Vastaanottaja: Ann
Aihe: Stay
=====
De: Jade
Enviada em: segunda-feira, 5 de outubro de 2026 10:00
Para: Ann
Assunto: Stay
=====
От кого: Jade {_M}
Дата: понедельник, 5 октября 2026 г. 10:00
Кому: Ann
Тема: Stay
=====
送信者: Jade
日付: 2026年10月5日 10:00
宛先: Ann
件名: Stay
=====
من: Jade {_M}
تم الإرسال: Monday, October 5, 2026 10:00:00 AM
إلى: ann@example.net
الموضوع: Stay
=====
보낸 사람: Jade {_M}
보낸 날짜: 2026년 10월 5일 월요일 오전 10:00
받는 사람: Ann
제목: Stay
""".split("=====")
]

SEPARATORS = """
-----Original Messages-----
-------- Message original --------
-------- Message initial --------
-------- Weitergeleitete Nachricht --------
-------- Origineel bericht --------
-------- Doorgestuurd bericht --------
-------- Оригинальное сообщение --------
-------- Перенаправленное сообщение --------
-------- 전달된 메시지 --------
-------- Přeposlaná zpráva --------
-------- Originalmeddelande --------
-------- Videresendt melding --------
-------- Eredeti üzenet --------
-------- Özgün İleti --------
-------- Mesaj original --------
-------- הודעה מקורית --------
Início da mensagem reencaminhada:
Begin doorgestuurd bericht:
開始轉寄訊息：
Начало переадресованного сообщения:
""".strip().split("\n")

DISCLAIMERS = [
    "CONFIDENTIALITY NOTICE: The information contained in this e-mail may be privileged.",
    "DISCLAIMER",
    "Disclaimer: Any views or opinions presented are solely those of the author.",
    "Legal notice:",
    "The contents of this email are confidential and may be legally privileged.",
    "This message has been scanned for viruses by Example Gateway. It is virus free.",
    "Please consider the environment before printing this email.",
    "【保密提示】本邮件及附件仅供指定收件人使用。",
    "免责声明：本邮件仅代表个人观点。",
    "保密声明",
    "打印本邮件前请考虑环境保护。",
    "請考慮環境，非必要請勿列印。",
]

SIGNATURES = [
    "Sent from my iPhone 15 Pro",
    "Sent from my phone, please excuse typos.",
    "Sent from my Verizon, Samsung Galaxy smartphone",
    "Sent from my BlackBerry 10 smartphone on the Rogers network.",
    "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Sent from Mail<https://go.microsoft.com/fwlink/?LinkId=550986> for Windows",
    "Sent from Outlook for Android",
    "Sent with ProtonMail Secure Email.",
    "Sent from QQ Mail",
    "Get Outlook for Mac",
    "Sent from Nine<http://www.9folders.com/>",
    "Get BlueMail for Android",
    "Obtenir Outlook pour Android",
    "Outlook voor iOS downloaden",
    "Obter o Outlook para Android",
    "Laden Sie Outlook für iOS herunter",
    "Получить Outlook для iOS",
    "Get [Outlook for Android](https://aka.ms/o0ukef)",
    "Sent from Mailbox for iPad",
    "Sent from my Windows 8 PC <http://windows.microsoft.com/consumer-preview>",
    "(sent from a phone)",
    "(Sent from mobile device)",
    "Sent from Nylas Mail, the extensible, open source mail client.",
    "Az iPhone-omról küldve",
    "أُرسلت من الـ iPhone",
    "使用Zoho Mail发送",
    "Verstuurd vanaf mijn iPhone",
    "Von meinem/meiner Galaxy gesendet",
    "Envoyé depuis un mobile Samsung",
    "Holen Sie sich Outlook für iOS",
    "iOS용 Outlook 다운로드",
    "Galaxy에서 보냈습니다.",
    "Windows 版のメールから送信",
    "Provenance : Courrier pour Windows",
    "Enviado con Proton Mail",
    "Gesendet mit der WEB.DE Mail App",
    "Inviato da Posta per Windows",
    "Надіслано з iPhone",
    "Odesláno z iPhonu",
    "發送自 Outlook for Android",
    "Send from my iPhone",
    "ᐧ",
    "Outlook für iOS<https://aka.ms/o0ukef> beziehen",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Von meinem iPhone gesendet",
    "Enviado del Correo para Windows 10",
    "Wysłane z iPhone'a",
    "iPadから送信",
    "发自我的 Apple Watch",
    "发自我的HUAWEI Mate 60",
    "来自 vivo 智能手机",
    "来自三星 Galaxy 智能手机",
    "来自中国电信189邮箱",
    "来自：139邮箱",
    "来自腾讯企业邮箱",
    "Sent from Workspace ONE Boxer",
    "来自 QQ邮箱 iPhone 版",
    "来自阿里邮箱iPhone客户端",
    "来自Coremail论客",
    "从我的 iPhone 发送",
    "从 Windows 版邮件发送",
    "從我的 iPhone 傳送",
    "從我的 iPhone 版 Yahoo奇摩電子信箱傳送",
    "发送自 Windows 10 版邮件应用",
    "获取适用于 iOS 的 Outlook",
    "发自飞书邮箱",
    "--发自搜狐邮箱手机版--",
]
