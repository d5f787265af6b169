"""What all tables share."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import ForeignKey, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import BigInteger, Boolean, Date, TypeEngine

from evidence.store.types import NAME, ROW_NUMBER, Body, Instant, Texts

RowNumber = Annotated[int, mapped_column(ROW_NUMBER, primary_key=True)]
Name = Annotated[str, mapped_column(primary_key=True)]
Committed = Annotated[datetime, mapped_column(ForeignKey("commits.at"))]


class Base(DeclarativeBase):
    """Column types by annotation, and names for constraints that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, TypeEngine[Any]] = {  # noqa: RUF012 - SQLAlchemy declares it so
        str: NAME,
        int: BigInteger(),
        bool: Boolean(),
        date: Date(),
        datetime: Instant(),
        bytes: LargeBinary(),
        tuple[str, ...]: Texts(),
        Mapping[str, Any]: Body(),
    }
