"""The simulator's pages in Spanish and English."""

from __future__ import annotations

from demo.google.wire import Request

SCOPES: dict[str, tuple[str, str]] = {
    "openid": (
        "Asociarte con tus datos personales en Google",
        "Associate you with your personal info on Google",
    ),
    "https://www.googleapis.com/auth/userinfo.email": (
        "Ver tu dirección de correo electrónico",
        "See your primary email address",
    ),
    "https://www.googleapis.com/auth/userinfo.profile": (
        "Ver tu información personal",
        "See your personal info",
    ),
    "https://www.googleapis.com/auth/calendar": (
        "Ver, editar, compartir y eliminar de forma permanente todos los calendarios",
        "See, edit, share, and permanently delete all the calendars",
    ),
    "https://www.googleapis.com/auth/calendar.events": (
        "Ver y editar los eventos de todos tus calendarios",
        "View and edit events on all your calendars",
    ),
    "https://www.googleapis.com/auth/calendar.readonly": (
        "Ver y descargar cualquier calendario",
        "See and download any calendar",
    ),
    "https://www.googleapis.com/auth/contacts": (
        "Ver, editar, descargar y eliminar tus contactos de forma permanente",
        "See, edit, download, and permanently delete your contacts",
    ),
    "https://www.googleapis.com/auth/contacts.readonly": (
        "Ver y descargar tus contactos",
        "See and download your contacts",
    ),
}

TEXTS: dict[str, tuple[str, str]] = {
    "simulator": ("Simulador de Google", "Google simulator"),
    "choose": ("Selecciona una cuenta", "Choose an account"),
    "continue_to": ("para ir a {client}", "to continue to {client}"),
    "wants": (
        "{client} quiere acceder a tu cuenta de Google",
        "{client} wants to access your Google Account",
    ),
    "select_what": ("Selecciona a qué puede acceder", "Select what it can access"),
    "always": ("siempre incluido", "always included"),
    "allow": ("Permitir", "Allow"),
    "deny": ("Denegar", "Deny"),
    "other_account": ("Usar otra cuenta", "Use another account"),
    "blocked": ("Acceso bloqueado", "Access blocked"),
    "error": ("Error {status}: {code}", "Error {status}: {code}"),
    "calendars": ("Calendarios", "Calendars"),
    "new_event": ("Nuevo evento", "New event"),
    "edit_event": ("Editar evento", "Edit event"),
    "title": ("Título", "Title"),
    "untitled": ("(Sin título)", "(No title)"),
    "all_day": ("Todo el día", "All day"),
    "start": ("Empieza", "Starts"),
    "end": ("Termina", "Ends"),
    "location": ("Lugar", "Location"),
    "description": ("Descripción", "Description"),
    "repeats": ("Se repite", "Repeats"),
    "no_repeat": ("No se repite", "Does not repeat"),
    "daily": ("Cada día", "Daily"),
    "weekly": ("Cada semana", "Weekly"),
    "monthly": ("Cada mes", "Monthly"),
    "save": ("Guardar", "Save"),
    "delete": ("Eliminar", "Delete"),
    "cancel": ("Cancelar", "Cancel"),
    "today": ("Hoy", "Today"),
    "previous": ("Anterior", "Previous"),
    "next": ("Siguiente", "Next"),
    "nothing": ("No hay eventos en estas semanas.", "No events in these weeks."),
    "busy": ("Ocupado", "Busy"),
    "private": ("Privado", "Private"),
    "read_only": ("solo lectura", "read only"),
    "guests": ("Invitados", "Guests"),
    "series_note": (
        "Es una repetición: los cambios valen solo para este día.",
        "This is one of a series: changes apply to this day only.",
    ),
    "mails": ("Correos que se habrían enviado: {count}", "E-mails that would have been sent: {count}"),
    "not_google": (
        "Esto no es Google: son datos de prueba en este equipo.",
        "This is not Google: it is test data on this machine.",
    ),
    "calendar": ("Calendario", "Calendar"),
    "contacts": ("Contactos", "Contacts"),
    "all_contacts": ("Todos los contactos", "All contacts"),
    "labels": ("Etiquetas", "Labels"),
    "starred": ("Destacados", "Starred"),
    "new_contact": ("Nuevo contacto", "New contact"),
    "edit_contact": ("Editar contacto", "Edit contact"),
    "no_contacts": ("No hay contactos aquí.", "No contacts here."),
    "no_name": ("(Sin nombre)", "(No name)"),
    "prefix": ("Tratamiento", "Title (Mr, Ms…)"),
    "given_name": ("Nombre", "First name"),
    "family_name": ("Apellidos", "Last name"),
    "company": ("Empresa", "Company"),
    "job_title": ("Cargo", "Job title"),
    "department": ("Departamento", "Department"),
    "emails": ("Correos", "E-mail addresses"),
    "phones": ("Teléfonos", "Phone numbers"),
    "web": ("Páginas web", "Websites"),
    "addresses": ("Direcciones", "Addresses"),
    "street": ("Calle", "Street"),
    "postcode": ("Código postal", "Postcode"),
    "city": ("Localidad", "City"),
    "region": ("Provincia", "Region"),
    "country": ("País", "Country"),
    "birthday": ("Cumpleaños (AAAA-MM-DD o MM-DD)", "Birthday (YYYY-MM-DD or MM-DD)"),
    "notes": ("Notas", "Notes"),
    "more_data": ("Otros datos", "More data"),
    "type": ("Tipo", "Type"),
    "lagging": (
        "Cambios que las listas aún no ven: {count}",
        "Changes that lists don’t see yet: {count}",
    ),
    "bad_contact": ("Revisa el contacto: {problem}", "Check the contact: {problem}"),
    "bad_birthday": ("el cumpleaños no es una fecha", "the birthday is no date"),
    "nothing_filled": ("está vacío", "it is empty"),
    "bad_times": ("Revisa las fechas: {problem}", "Check the dates: {problem}"),
}

DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip


def language_of(request: Request) -> str:
    """`hl` first, then Accept-Language; Spanish or English."""
    wanted = request.param("hl") or request.headers.get("accept-language", "")
    for part in wanted.split(","):
        code = part.strip()[:2].lower()
        if code in ("es", "en"):
            return code
    return "en"


def text(language: str, name: str, **values: object) -> str:
    return TEXTS[name][0 if language == "es" else 1].format(**values)


def scope_text(language: str, scope: str) -> str:
    known = SCOPES.get(scope)
    return known[0 if language == "es" else 1] if known else scope
